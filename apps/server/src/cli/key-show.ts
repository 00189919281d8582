import type { BoundState, RelayKey } from '@relay/account-store'
import { relayKeyEnd } from '@relay/account-store'
import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { oneLine, report } from './report.ts'
import { relayKeyView, requireRelayKey } from './views.ts'
import { withStore } from './with-store.ts'

/** `relay key show`: everything about a relay key but its secret, and what is used up of its limits. */
export const keyShow = defineCommand({
  meta: { name: 'relay key show', description: 'Show a relay key and what is used up of its limits' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name or id; not its secret' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const key = await requireRelayKey(store, args.name, { includeRevoked: true })
      const [bounds, rejections] = await Promise.all([store.readBounds(key), store.countRejections({ keyId: key.id })])
      const lines = [...describeKey(key), ...bounds.map(describeBound)]
      report(args, { ...relayKeyView(key), bounds, rejections }, lines.map(oneLine).join('\n'))
    }),
})

function describeKey(key: RelayKey): string[] {
  const { models, accounts, groups, addresses, formats } = key.permissions
  const lists = { models, accounts, groups, addresses, formats }
  const end = relayKeyEnd(key)
  return [
    `${key.name} (…${key.secretLastFour}), ${String(relayKeyView(key)['status'])}`,
    `owner ${key.owner}${key.team === undefined ? '' : `, team ${key.team}`}`,
    ...(key.tags.length === 0 ? [] : [`tags ${key.tags.join(', ')}`]),
    ...(key.note === '' ? [] : [key.note]),
    ...Object.entries(lists).flatMap(([name, list]) => (list === undefined ? [] : [`${name} ${list.join(', ')}`])),
    ...(end === undefined ? [] : [`ends ${new Date(end).toISOString()}`]),
  ]
}

function describeBound({ holder, bound, limit, used, resetsAt }: BoundState): string {
  const whose = holder.kind === 'key' ? 'key' : `${holder.kind} ${holder.name}`
  const end = resetsAt === undefined ? '' : `, resets ${new Date(resetsAt).toISOString()}`
  const isCost = bound.type === 'budget' || (bound.type === 'window' && bound.counts === 'cost')
  const amount = (value: number): string => (isCost ? `${(value / 1_000_000).toFixed(2)} USD` : String(value))
  return `${whose}: ${amount(used)} of ${amount(limit)} ${nameOf(bound)}${end}`
}

function nameOf(bound: BoundState['bound']): string {
  switch (bound.type) {
    case 'concurrency':
      return 'requests at once'
    case 'window':
      return `${bound.counts === 'cost' ? '' : `${bound.counts} `}in ${bound.windowMs / 1000} s`
    case 'budget':
      return bound.period === 'total' ? 'in total' : `this ${bound.period} (${bound.timeZone})`
  }
}
