import type { RelayKey } from '@relay/account-store'
import { relayKeyStatus } from '@relay/account-store'
import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { formatTable, report } from './report.ts'
import { relayKeyView } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay key list`: shows the relay keys, never their secrets. */
export const keyList = defineCommand({
  meta: { name: 'relay key list', description: 'List the relay keys' },
  args: {
    all: { type: 'boolean', default: false, description: 'Revoked ones, too' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const keys = await store.listRelayKeys({ includeRevoked: args.all })
      const text = keys.length === 0 ? 'There is no relay key yet.' : formatTable(HEADINGS, keys.map(toRow))
      report(args, keys.map(relayKeyView), text)
    }),
})

const HEADINGS = ['NAME', 'OWNER', 'TEAM', 'SECRET', 'STATUS', 'LAST USED']

function toRow(key: RelayKey): readonly string[] {
  const lastUsed = key.lastUsedAt === undefined ? 'never' : new Date(key.lastUsedAt).toISOString()
  return [key.name, key.owner, key.team ?? '', `…${key.secretLastFour}`, relayKeyStatus(key, Date.now()), lastUsed]
}
