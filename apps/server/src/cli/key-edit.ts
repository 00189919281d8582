import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { keyArguments, readKeyChange } from './key-options.ts'
import { report } from './report.ts'
import { requireChange } from './require-change.ts'
import { relayKeyView, requireRelayKey, withAccountIds } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay key edit`: changes what is given, and nothing else. */
export const keyEdit = defineCommand({
  meta: { name: 'relay key edit', description: 'Change a relay key; what is not given stays' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name or id; not its secret' },
    rename: { type: 'string', valueHint: 'name', description: 'Another name' },
    ...keyArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const key = await requireRelayKey(store, args.name)
      const given = readKeyChange(args, key.permissions)
      const change = {
        ...given,
        permissions: await withAccountIds(store, given.permissions),
        ...(args.rename === undefined ? {} : { name: args.rename }),
      }
      requireChange(change, 'relay key edit')
      const changed = await store.updateRelayKey(key.id, change)
      report(
        args,
        relayKeyView(changed),
        `The relay key "${changed.name}" was changed; every node knows within a second.`,
      )
    }),
})
