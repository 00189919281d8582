import { defineCommand } from 'citty'

import { readPrices } from '../meter/price-settings.ts'
import { reprice as priceAnew } from '../upkeep/reprice.ts'
import { amount } from './amount.ts'
import { commonArguments, strictArguments } from './arguments.ts'
import { createProgress } from './progress.ts'
import { note, report } from './report.ts'
import { usageError } from './usage-error.ts'
import { readTime } from './usage-filter.ts'
import { formatUsd } from './usage-list.ts'
import { withStore } from './with-store.ts'

/** `relay reprice`: computes the costs of past requests anew. */
export const reprice = defineCommand({
  meta: { name: 'relay reprice', description: 'Compute the costs of past requests anew, with the prices of today' },
  args: {
    from: {
      type: 'string',
      required: true,
      valueHint: 'time',
      description: 'From this time on, e.g. 2026-11-01 or 30d',
    },
    to: { type: 'string', valueHint: 'time', description: 'Before this time; now unless given' },
    'dry-run': { type: 'boolean', default: false, description: 'Say what would change, and change nothing' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ config, store, noteDeed }) => {
      const from = readTime('from', args.from) ?? 0
      const before = readTime('to', args.to) ?? Date.now()
      if (from >= before) throw usageError('--from must be before --to')
      const log = { warn: (_: object, message: string) => note(args, message) }
      const prices = await readPrices({ store, file: config.pricesFile, log })
      const onProgress = createProgress(args, (count) => amount(count, 'request'))
      const outcome = await priceAnew({ store, prices, from, before, isDryRun: args['dry-run'], onProgress })
      if (!args['dry-run']) await noteDeed({ action: 'usage.reprice', after: { from, before, ...outcome } })
      const { records, changed, costBeforeMicroUsd: was, costAfterMicroUsd: is } = outcome
      const verb = args['dry-run'] ? 'would get' : 'got'
      const unknown = `cost unknown: ${outcome.unknownBefore} before, ${outcome.unknownAfter} after`
      const text = `${changed} of ${amount(records, 'request')} ${verb} another cost: ${formatUsd(was)} → ${formatUsd(is)} (${unknown}).`
      report(args, { ...outcome, isDryRun: args['dry-run'] }, text)
    }),
})
