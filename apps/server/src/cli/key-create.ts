import { defineCommand } from 'citty'

import { commonArguments, readCount, strictArguments } from './arguments.ts'
import { note, report } from './report.ts'
import { relayKeyView } from './views.ts'
import { withStore } from './with-store.ts'

const DAY_MS = 86_400_000

/** `relay key create`: makes a relay key and shows its secret this once. */
export const keyCreate = defineCommand({
  meta: { name: 'relay key create', description: 'Make a relay key; its secret is shown this once' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name' },
    owner: { type: 'string', valueHint: 'name', description: 'Who answers for it; admin unless given' },
    team: { type: 'string', valueHint: 'name', description: 'Their team' },
    'max-concurrency': { type: 'string', valueHint: 'number', description: 'Requests at once; 0 = no limit' },
    'expires-in-days': { type: 'string', valueHint: 'number', description: 'When it ends; never unless given' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const days = readCount('expires-in-days', args['expires-in-days'])
      const { relayKey, secret } = await store.createRelayKey({
        name: args.name,
        ...(args.owner === undefined ? {} : { owner: args.owner }),
        team: args.team,
        maxConcurrency: readCount('max-concurrency', args['max-concurrency']) ?? 0,
        expiresAt: days === undefined ? undefined : Date.now() + days * DAY_MS,
      })
      note(
        args,
        `The relay key "${relayKey.name}" (owner ${relayKey.owner}). Write it down, it is shown only this once:`,
      )
      report(args, { ...relayKeyView(relayKey), secret }, secret)
    }),
})
