import { defineCommand } from 'citty'

import { commonArguments, readCount, strictArguments } from './arguments.ts'
import { note, report } from './report.ts'
import { relayKeyView, requireRelayKey } from './views.ts'
import { withStore } from './with-store.ts'

const HOUR_MS = 3_600_000
const DEFAULT_OVERLAP_HOURS = 24

/** `relay key rotate`: gives a relay key a new secret, which is shown this once. */
export const keyRotate = defineCommand({
  meta: { name: 'relay key rotate', description: 'Give a relay key a new secret; the old one works on for a while' },
  args: {
    name: { type: 'positional', required: true, description: 'Its name or id; not its secret' },
    'overlap-hours': {
      type: 'string',
      valueHint: 'number',
      description: `How long the old secret works on; ${DEFAULT_OVERLAP_HOURS} unless given, 0 ends it at once`,
    },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const { id } = await requireRelayKey(store, args.name)
      const hours = readCount('overlap-hours', args['overlap-hours']) ?? DEFAULT_OVERLAP_HOURS
      const { relayKey, secret } = await store.rotateRelayKey(id, { overlapMs: hours * HOUR_MS })
      const until = hours === 0 ? 'The old one is refused from now on' : `The old one works for ${hours} more hours`
      note(args, `The new secret of "${relayKey.name}". ${until}. Write it down, it is shown only this once:`)
      report(args, { ...relayKeyView(relayKey), secret }, secret)
    }),
})
