import { USAGE_GROUPS, type UsageBreakdown, type UsageBreakdownQuery } from '@relay/account-store'
import { defineCommand } from 'citty'

import { commonArguments, strictArguments } from './arguments.ts'
import { formatTable, report } from './report.ts'
import { requireTimeZone } from './time-zone-name.ts'
import { usageError } from './usage-error.ts'
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
      checkCalendar(args)
      const lines = await store.breakDownUsage({
        filter,
        span: args.span,
        timeZone: args['time-zone'],
        group: args.by,
        tagName: args['tag-name'],
      })
      const calendar = { span: args.span, timeZone: args['time-zone'] }
      const rows = lines.map((line) => toRow(line, calendar))
      report(args, { lines }, formatTable(HEADINGS, rows))
    }),
})

type Span = NonNullable<UsageBreakdownQuery['span']>

type SummedCost = Pick<UsageBreakdown['sums'], 'requests' | 'requestsWithoutCost' | 'costMicroUsd'>

const HEADINGS = ['TIME', 'GROUP', 'REQUESTS', 'FAILED', 'IN', 'CACHED', 'OUT', 'COST', 'COST UNKNOWN']

interface Calendar {
  readonly span?: Span | undefined
  readonly timeZone?: string | undefined
}

/** Sums in which a count was estimated are marked, as the counts of single requests are. */
export function toRow(
  { startsAt, group, groupName, sums }: UsageBreakdown,
  calendar: Calendar = {},
): readonly string[] {
  const { tokens } = sums
  const source = sums.requestsEstimated > 0 ? 'estimated' : 'reported'
  return [
    startsAt === undefined ? 'all' : formatStart(startsAt, calendar),
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

/** What the calendar and the clocks of the zone show when a span begins, as far as the span needs it. */
function formatStart(startsAt: number, { span = 'minute', timeZone = 'UTC' }: Calendar): string {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return clock.format(startsAt).replace(' ', 'T').slice(0, SHOWN_CHARACTERS[span])
}

/** Of `2026-11-29T20:45`. */
const SHOWN_CHARACTERS: Readonly<Record<Span, number>> = { minute: 16, hour: 16, day: 10, month: 7 }

/** Where no request has a known cost, the sum of 0 says nothing; where some have none, it is a lower bound. */
export function formatCost({ requests, requestsWithoutCost, costMicroUsd }: SummedCost): string {
  if (requests > 0 && requestsWithoutCost >= requests) return 'unknown'
  return `${formatUsd(costMicroUsd)}${requestsWithoutCost > 0 ? ' +' : ''}`
}

function checkCalendar(args: {
  readonly 'time-zone'?: string | undefined
  readonly by?: string
  readonly 'tag-name'?: string
}): void {
  const { by, 'time-zone': zone, 'tag-name': tag } = args
  if (zone !== undefined) requireTimeZone(zone, 'Europe/Berlin')
  if (by === 'tag' && tag === undefined) throw usageError('--by tag needs --tag-name: which tag is meant?')
}
