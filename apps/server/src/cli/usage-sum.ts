import { USAGE_GROUPS, type UsageBreakdown } from '@relay/account-store'
import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { formatTable, report } from './report.ts'
import { filterArguments, readFilter } from './usage-filter.ts'
import { formatTokens, formatUsd } from './usage-list.ts'
import { withStore } from './with-store.ts'

/** `relay usage sum`: shows exact sums. */
export const usageSum = defineCommand({
  meta: {
    name: 'relay usage sum',
    description: 'Add requests up, by time and by what they have in common; ≈ marks sums with estimates',
  },
  args: {
    by: { type: 'enum', options: [...USAGE_GROUPS], description: 'What is put together' },
    span: { type: 'enum', options: ['minute', 'hour', 'day', 'month'], description: 'Spans of time' },
    'time-zone': {
      type: 'string',
      valueHint: 'zone',
      description: 'Where days begin, e.g. Europe/Berlin; UTC unless given',
    },
    'tag-name': { type: 'string', valueHint: 'name', description: 'Which tag, for --by tag' },
    ...filterArguments,
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: ({ args }) =>
    withStore(args, async ({ store }) => {
      const filter = await readFilter(store, args)
      const lines = await store.breakDownUsage({
        filter,
        span: args.span,
        timeZone: args['time-zone'],
        group: args.by,
        tagName: args['tag-name'],
      })
      report(args, { lines }, formatTable(HEADINGS, lines.map(toRow)))
    }),
})

type SummedCost = Pick<UsageBreakdown['sums'], 'requests' | 'requestsWithoutCost' | 'costMicroUsd'>

const HEADINGS = ['TIME', 'GROUP', 'REQUESTS', 'FAILED', 'IN', 'CACHED', 'OUT', 'COST', 'COST UNKNOWN']

/** Sums in which a count was estimated are marked, as the counts of single requests are. */
export function toRow({ startsAt, group, groupName, sums }: UsageBreakdown): readonly string[] {
  const { tokens } = sums
  const source = sums.requestsEstimated > 0 ? 'estimated' : 'reported'
  return [
    startsAt === undefined ? 'all' : new Date(startsAt).toISOString().slice(0, 16),
    groupName ?? group ?? '–',
    String(sums.requests),
    String(sums.requestsFailed),
    formatTokens(tokens.inputTokens, source),
    String(tokens.cacheReadTokens), // nobody estimates it
    formatTokens(tokens.outputTokens, source),
    formatCost(sums),
    String(sums.requestsWithoutCost),
  ]
}

/** Where no request has a known cost, the sum of 0 says nothing; where some have none, it is a lower bound. */
export function formatCost({ requests, requestsWithoutCost, costMicroUsd }: SummedCost): string {
  if (requests > 0 && requestsWithoutCost >= requests) return 'unknown'
  return `${formatUsd(costMicroUsd)}${requestsWithoutCost > 0 ? ' +' : ''}`
}
