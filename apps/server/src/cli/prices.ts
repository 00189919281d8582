import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

import { createNetworkGuard, createSender } from '@relay/upstreams'
import { defineCommand } from 'citty'

import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { MAX_PRICE_DATA_BYTES } from '../meter/prices/price-data.ts'
import {
  PriceTableError,
  type PriceTableInput,
  type PriceTableState,
  resetPriceTable,
  showPriceTable,
  updatePriceTable,
} from '../upkeep/price-update.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { oneLine, report } from './report.ts'
import { usageError } from './usage-error.ts'
import { type StoreRooms, withStore } from './with-store.ts'

const show = defineCommand({
  meta: { name: 'relay prices show', description: 'Show which price table is in force, and how old it is' },
  args: commonArguments,
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const state = await showPriceTable(store)
      report(args, state, `Prices come from ${describe(state)}.`)
    }),
})

const update = defineCommand({
  meta: {
    name: 'relay prices update',
    description: 'Use the price table of a file or an address in place of the one in force',
  },
  args: {
    file: { type: 'string', valueHint: 'path', description: 'A file in the format of @pydantic/genai-prices' },
    url: { type: 'string', valueHint: 'url', description: 'An address with such a file; it is asked once, now' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const input = chooseInput(args)
    await withStore(args, async (rooms) => {
      const state = await takeTable(rooms, input)
      report(args, state, `Prices come from ${describe(state)} now, on every node within a second.`)
    })
  },
})

const reset = defineCommand({
  meta: { name: 'relay prices reset', description: 'Go back to the price table that Relay brings' },
  args: commonArguments,
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const state = await resetPriceTable(store)
      report(args, state, `Prices come from ${describe(state)} again.`)
    }),
})

/** `relay prices`: the table of list prices. */
export const prices = defineCommand({
  meta: { name: 'relay prices', description: 'Prices: the table that costs are computed with' },
  subCommands: { show, update, reset },
})

async function takeTable({ config, store }: StoreRooms, input: PriceTableInput): Promise<PriceTableState> {
  const guard = createNetworkGuard({ allow: config.allowPrivate, allowLoopback: !config.isProduction })
  const sender = createSender({ guard })
  try {
    return await updatePriceTable({ store, sender }, input)
  } catch (error) {
    if (!(error instanceof PriceTableError)) throw error
    throw new ExitError(EXIT_CODES.failed, `nothing was changed: ${error.message}`, { cause: error })
  } finally {
    await sender.close()
  }
}

function chooseInput({ file, url }: { readonly file?: string; readonly url?: string }): PriceTableInput {
  if (url !== undefined && file === undefined) return { url }
  if (file !== undefined && url === undefined) return readTableFile(resolve(file))
  throw usageError('say where the table is: --file PATH or --url URL')
}

function readTableFile(path: string): PriceTableInput {
  try {
    if (statSync(path).size > MAX_PRICE_DATA_BYTES) throw new Error('it is larger than 10 MB')
    return { content: readFileSync(path, 'utf8'), source: path }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'no file'
    throw new ExitError(EXIT_CODES.failed, `nothing was changed: ${path} cannot be read: ${reason}`, { cause })
  }
}

function describe({ name, version, date, isBundled }: PriceTableState): string {
  return isBundled ? `${name} ${version} of ${date}, bundled` : `${oneLine(name)}, taken on ${date} (${version})`
}
