import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { report } from './report.ts'
import { relayKeyView, requireRelayKey } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay key revoke`: refuses a relay key from now on. */
export const keyRevoke = defineCommand({
  meta: { name: 'relay key revoke', description: 'Refuse a relay key from now on' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name or id; not its secret' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const key = await requireRelayKey(store, args.name)
      const revoked = await store.revokeRelayKey(key.id)
      report(
        args,
        relayKeyView(revoked),
        `The relay key "${revoked.name}" is refused from now on, on every node within a second.`,
      )
    }),
})
