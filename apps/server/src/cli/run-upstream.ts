import { randomBytes } from 'node:crypto'

import type { AccountInput, AccountStore } from '@relay/account-store'
import { findPreset, type Preset } from '@relay/upstreams'

import { type Config, mayHoldData, peekConfig, readConfig } from '../config/config.ts'
import { readVariable } from '../config/environment.ts'
import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { readPrices } from '../meter/price-settings.ts'
import type { PriceBook } from '../meter/prices/price-book.ts'
import { createLog } from '../observe/log.ts'
import { openStore } from '../open-store.ts'
import type { RunClient } from '../run-client/client-launch.ts'
import { openStoredRelay, openThrowAwayRelay, type RunRelay } from '../run-client/open-run-relay.ts'
import { type CommonArguments, environmentOf } from './arguments.ts'
import { presetAccount, requirePreset } from './preset-account.ts'
import { note } from './report.ts'

/** A relay that a client can be started on. */
export interface OpenedRelay {
  readonly relay: RunRelay
  /** The one account it uses; `undefined` when there may be several. */
  readonly account: AccountInput | undefined
  /** As the relay knows them. */
  readonly prices: PriceBook
  close(): Promise<void>
}

interface RunArguments extends CommonArguments {
  readonly upstream?: string | undefined
}

/** An account of the data folder is meant before a preset of the same name; a preset touches no data folder. */
export async function openRelayFor(args: RunArguments, client: RunClient): Promise<OpenedRelay> {
  const { upstream } = args
  const stored = mustBeStored(args) ? await openStored(args, client) : undefined
  if (stored !== undefined) return stored
  const account = withKey(requirePreset(upstream ?? '', 'account or preset'))
  const config = memoryConfig(args)
  const prices = await pricesOf({ readSetting: async () => undefined }, config)
  const relay = await openThrowAwayRelay(config, account, client)
  return { relay, account, prices, close: () => relay.close() }
}

/** Whether there may be something in the data folder: what is only looked at must not make one. */
function mustBeStored(args: RunArguments): boolean {
  if (args.upstream === undefined || findPreset(args.upstream) === undefined) return true
  const config = peekConfig(environmentOf(args))
  return config !== undefined && mayHoldData(config)
}

/** @returns `undefined` where the store has no such account, and a preset must be meant */
async function openStored(args: RunArguments, client: RunClient): Promise<OpenedRelay | undefined> {
  const config = readConfig(environmentOf(args))
  const store = await openStore(config, { onDelay: (message) => note(args, message) })
  try {
    const accounts = await store.listAccounts()
    const account = accounts.find(({ name, id }) => name === args.upstream || id === args.upstream)
    if (account !== undefined || args.upstream === undefined) {
      const prices = await pricesOf(store, config)
      const relay = await openStoredRelay({ config, store, accountId: account?.id, client })
      return { relay, account, prices, close: () => closeBoth(relay, store) }
    }
  } catch (error) {
    await store.close()
    throw error
  }
  await store.close()
  return undefined
}

function pricesOf(store: Pick<AccountStore, 'readSetting'>, { pricesFile }: Config): Promise<PriceBook> {
  return readPrices({ store, file: pricesFile, log: createLog({ level: 'silent' }) })
}

/** A preset's account with the key that its service's own tools read. */
function withKey(preset: Preset): AccountInput {
  const account = presetAccount(preset, preset.id)
  const { keyVariable } = preset
  if (keyVariable === undefined) return account
  const credential = readVariable(process.env, keyVariable)
  if (credential !== undefined) return { ...account, credential: credential.trim() }
  throw new ExitError(
    EXIT_CODES.failed,
    `there is no account "${preset.id}", and ${keyVariable} is not set for the preset`,
  )
}

/** Settings for a relay without a data folder; its secrets live as long as it does. */
function memoryConfig(args: CommonArguments): Config {
  return readConfig(environmentOf(args, { JWT_SECRET: makeSecret(), ENCRYPTION_KEY: makeSecret() }))
}

function makeSecret(): string {
  return randomBytes(32).toString('base64url')
}

async function closeBoth(relay: RunRelay, store: AccountStore): Promise<void> {
  try {
    await relay.close()
  } finally {
    await store.close()
  }
}
