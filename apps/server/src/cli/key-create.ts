import { defineCommand } from 'citty'

import { commonArguments, readCount, strictArguments } from './arguments.ts'
import { note, report } from './report.ts'
import { relayKeyView } from './views.ts'
import { withStore } from './with-store.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** `relay key create`: makes a relay key and shows its secret this once. */
export const keyCreate = defineCommand({
  meta: { name: 'relay key create', description: 'Make a relay key; its secret is shown this once' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name' },
    owner: { type: 'string', valueHint: 'name', description: 'Who answers for it; admin unless given' },
    team: { type: 'string', valueHint: 'name', description: 'Their team' },
    'max-concurrency': { type: 'string', valueHint: 'number', description: 'Requests at once; 0 = no limit' },
    'keep-responses-hours': {
      type: 'string',
      valueHint: 'number',
      description:
        'Keep its Responses answers with their prompts, sealed, for previous_response_id; not kept unless given',
    },
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
        responseTtlMs: (readCount('keep-responses-hours', args['keep-responses-hours']) ?? 0) * HOUR_MS,
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
