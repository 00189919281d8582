import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { keyArguments, readKeyChange } from './key-options.ts'
import { note, report } from './report.ts'
import { relayKeyView, withAccountIds } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay key create`: makes a relay key and shows its secret this once. */
export const keyCreate = defineCommand({
  meta: { name: 'relay key create', description: 'Make a relay key; its secret is shown this once' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name' },
    ...keyArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) => {
    const { team, expiresAt, expiresAfterFirstUseMs, concurrencyQueue, ...fields } = readKeyChange(args)
    const cleared = { team: team ?? undefined, expiresAt: expiresAt ?? undefined }
    const input = {
      ...fields,
      ...cleared,
      expiresAfterFirstUseMs: expiresAfterFirstUseMs ?? undefined,
      concurrencyQueue: concurrencyQueue ?? undefined,
      name: args.name,
    }
    return withStore(args, async ({ store }) => {
      const permissions = await withAccountIds(store, input.permissions)
      const { relayKey, secret } = await store.createRelayKey({ ...input, permissions })
      note(
        args,
        `The relay key "${relayKey.name}" (owner ${relayKey.owner}). Write it down, it is shown only this once:`,
      )
      report(args, { ...relayKeyView(relayKey), secret }, secret)
    })
  },
})
