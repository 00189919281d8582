import { checkChoice, refuseField } from '../check-field.ts'
import type { Row } from '../rows/row.ts'
import { readObject } from '../rows/row.ts'
import { addCounts, toSums } from '../rows/usage-counts.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { UsageBreakdown, UsageBreakdownQuery, UsageFilter, UsageGroupKind, UsageSums } from '../usage-record.ts'
import type { SumsLevel, SumsPart } from '../usage-spans.ts'
import { createSpanStart, floor, splitRange } from '../usage-spans.ts'
import type { RedisContext } from './context.ts'
import { readSums } from './read-sums.ts'
import { toTexts } from './reply.ts'
import type { SumRow } from './usage-sum-row.ts'

/** Sums over usage records. */
export type UsageSummary = Pick<UsageRoom, 'sumUsage' | 'breakDownUsage'>

/** Filters that the kept sums can answer. */
const KEPT_FILTERS: ReadonlySet<string> = new Set(['keyId', 'owner', 'team', 'accountId', 'model', 'from', 'before'])
const MAX_ROWS = 10_000

interface Group {
  /** `undefined` and the empty text are "none". */
  readonly value: (columns: Row, tagName: string) => unknown
  /** Column with the newest name of what is meant. */
  readonly name?: string
  /** The kept sums have it, too. */
  readonly isKept: boolean
}

const GROUPS: Readonly<Record<UsageGroupKind, Group>> = {
  key: { value: (columns) => columns['key_id'], name: 'key_name', isKept: true },
  owner: { value: (columns) => columns['owner'], isKept: true },
  team: { value: (columns) => columns['team'], isKept: true },
  account: { value: (columns) => columns['account_id'], name: 'account_name', isKept: true },
  'model-asked': { value: (columns) => columns['model_asked'], isKept: true },
  'model-served': { value: (columns) => columns['model_served'], isKept: true },
  session: { value: (columns) => columns['session_id'], isKept: false },
  client: { value: (columns) => columns['client'], isKept: false },
  tag: { value: (columns, tagName) => readObject(columns, 'tags')[tagName], isKept: false },
  'client-format': { value: (columns) => columns['client_format'], isKept: false },
  'upstream-format': { value: (columns) => columns['upstream_format'], isKept: false },
  status: { value: (columns) => columns['status'], isKept: false },
  reason: { value: (columns) => columns['reason'], isKept: false },
  'usage-source': { value: (columns) => columns['usage_source'], isKept: false },
  'cost-source': { value: (columns) => columns['cost_source'], isKept: false },
}

/** @param flush - writes what this process has queued */
export function createUsageSums(context: RedisContext, flush: () => Promise<void>): UsageSummary {
  async function sumUsage(filter: UsageFilter = {}): Promise<UsageSums> {
    await flush()
    let counts: readonly number[] = []
    const parts = await partsOf(context, { filter, coarsest: 'months', isKept: true })
    for await (const row of readSums(context, filter, parts)) counts = addCounts(counts, row.counts)
    return toSums(counts)
  }

  async function breakDownUsage(query: UsageBreakdownQuery): Promise<readonly UsageBreakdown[]> {
    const { filter = {}, tagName = '' } = query
    const plan = planOf(query)
    await flush()
    const spans = new Map<string, Sum>()
    const parts = await partsOf(context, { filter, coarsest: plan.coarsest, isKept: plan.group?.isKept !== false })
    for await (const row of readSums(context, filter, parts)) {
      const startsAt = plan.startOf?.(row.at)
      const group = plan.group === undefined ? undefined : textOf(plan.group.value(row.columns, tagName))
      addTo(spans, { startsAt, group, row, nameColumn: plan.group?.name })
    }
    return [...spans.values()].toSorted(byTime).slice(0, MAX_ROWS).map(toBreakdown)
  }

  return { sumUsage, breakDownUsage }
}

interface Plan {
  readonly coarsest: SumsLevel
  /** When the span of a time begins; `undefined` = all of it is one. */
  readonly startOf: ((at: number) => number) | undefined
  readonly group: Group | undefined
}

const SPANS = ['minute', 'hour', 'day', 'month'] as const
const MINUTE_MS = 60_000

function planOf(query: UsageBreakdownQuery): Plan {
  const group = query.group === undefined ? undefined : GROUPS[checkGroup(query)]
  if (query.span === undefined) return { coarsest: 'months', startOf: undefined, group }
  const span = checkChoice('span', query.span, SPANS)
  const zone = query.timeZone ?? 'UTC'
  if (span === 'minute') return { coarsest: 'records', startOf: (at) => at - (at % MINUTE_MS), group }
  if (span === 'hour') return { coarsest: 'hours', startOf: (at) => floor('hours', at), group }
  if (zone !== 'UTC') return { coarsest: 'hours', startOf: createSpanStart(span, zone), group }
  const level = span === 'day' ? 'days' : 'months'
  return { coarsest: level, startOf: (at) => floor(level, at), group }
}

function checkGroup({ group, tagName }: UsageBreakdownQuery): UsageGroupKind {
  const kinds = Object.keys(GROUPS) as UsageGroupKind[] // a record that is keyed by exactly these
  if (group === 'tag' && tagName === undefined) refuseField('tagName', 'is missing: which tag is meant?')
  return checkChoice('group', group, kinds)
}

interface Question {
  readonly filter: UsageFilter
  readonly coarsest: SumsLevel
  /** Whether the kept sums know what is grouped by. */
  readonly isKept: boolean
}

async function partsOf(context: RedisContext, question: Question): Promise<readonly SumsPart[]> {
  const { coarsest } = question
  const { from = -Infinity, before = Infinity } = question.filter
  if (!canUseSums(question)) return from < before ? [{ level: 'records', from, before }] : []
  const { usageSince } = context.keys
  const since = toTexts((await context.link.send(['HMGET', usageSince, 'records', 'hours']))[0])
  const [recordsSince, hoursSince] = since.map((text) => Number(text ?? 0))
  return splitRange({ from, before, coarsest, recordsSince: recordsSince ?? 0, hoursSince: hoursSince ?? 0 })
}

function canUseSums({ filter, coarsest, isKept }: Question): boolean {
  const asked = Object.entries(filter).filter(([, value]) => value !== undefined)
  return isKept && coarsest !== 'records' && asked.every(([name]) => KEPT_FILTERS.has(name))
}

interface Sum {
  readonly startsAt: number | undefined
  readonly group: string | undefined
  counts: readonly number[]
  /** The newest one, and when it was used. */
  name: { readonly text: string | undefined; readonly at: number }
}

interface Addition {
  readonly startsAt: number | undefined
  readonly group: string | undefined
  readonly row: SumRow
  readonly nameColumn: string | undefined
}

function addTo(spans: Map<string, Sum>, { startsAt, group, row, nameColumn }: Addition): void {
  const key = JSON.stringify([startsAt, group])
  const sum = spans.get(key) ?? { startsAt, group, counts: [], name: { text: undefined, at: -Infinity } }
  sum.counts = addCounts(sum.counts, row.counts)
  if (nameColumn !== undefined && row.at > sum.name.at) {
    sum.name = { text: textOf(row.columns[nameColumn]), at: row.at }
  }
  spans.set(key, sum)
}

function textOf(value: unknown): string | undefined {
  const isText = (typeof value === 'string' && value !== '') || typeof value === 'number'
  return isText ? String(value) : undefined
}

function byTime(left: Sum, right: Sum): number {
  const time = (left.startsAt ?? 0) - (right.startsAt ?? 0)
  const requests = (right.counts[0] ?? 0) - (left.counts[0] ?? 0)
  return time || requests || ((left.group ?? '') < (right.group ?? '') ? -1 : 1)
}

function toBreakdown({ startsAt, group, counts, name }: Sum): UsageBreakdown {
  return { startsAt, group, groupName: name.text, sums: toSums(counts) }
}
