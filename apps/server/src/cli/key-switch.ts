import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { report } from './report.ts'
import { relayKeyView, requireRelayKey } from './views.ts'
import { withStore } from './with-store.ts'

const nameArgument = { type: 'positional', required: true, description: 'Its name or id; not its secret' } as const

/** `relay key disable`: refuses a relay key until it is enabled again. */
export const keyDisable = switchCommand('disable', 'Refuse a relay key until it is enabled again', false)

/** `relay key enable`: serves a disabled relay key again. */
export const keyEnable = switchCommand('enable', 'Serve a disabled relay key again', true)

/** `relay key restore`: brings a revoked relay key back. */
export const keyRestore = defineCommand({
  meta: { name: 'relay key restore', description: 'Bring a revoked relay key back' },
  args: { name: nameArgument, ...commonArguments },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const { id } = await requireRelayKey(store, args.name, { includeRevoked: true })
      const key = await store.restoreRelayKey(id)
      report(args, relayKeyView(key), `The relay key "${key.name}" is served again.`)
    }),
})

function switchCommand(word: 'disable' | 'enable', description: string, enabled: boolean) {
  return defineCommand({
    meta: { name: `relay key ${word}`, description },
    args: { name: nameArgument, ...commonArguments },
    plugins: [strictArguments],
    run: ({ args }) =>
      withStore(args, async ({ store }) => {
        const { id } = await requireRelayKey(store, args.name)
        const key = await store.updateRelayKey(id, { enabled })
        report(args, relayKeyView(key), `The relay key "${key.name}" is ${word}d; every node knows within a second.`)
      }),
  })
}
