import { checkChoice, refuseField } from '../check-field.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readOptionalNumber, readOptionalText } from '../rows/row.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { UsageBreakdown, UsageBreakdownQuery, UsageFilter, UsageGroupKind, UsageSums } from '../usage-record.ts'
import type { SumsLevel, SumsPart } from '../usage-spans.ts'
import { createSpanStart, splitRange } from '../usage-spans.ts'
import type { Connection, Parameters, Statement, Value } from './connection.ts'
import { readMeta } from './meta.ts'
import type { SumMarks } from './sum-marks.ts'
import { createSumMarks, GRAINS } from './sum-marks.ts'
import { toCondition } from './usage-conditions.ts'
import type { UsageTimes } from './usage-shifts.ts'
import { createUsageTimes, shiftCondition, shiftParameters, recordsFor } from './usage-shifts.ts'

/** Sums over usage records. */
export type UsageSummary = Pick<UsageRoom, 'sumUsage' | 'breakDownUsage'>

/** Columns of a row of sums, and what they are made of where the records themselves are summed. */
const SUMS: readonly (readonly [column: string, ofRecord: string])[] = [
  ['requests', '1'],
  ['failed', `reason NOT IN ('completed', 'client_closed')`],
  ['with_losses', 'has_losses'],
  ['input_tokens', 'input_tokens'],
  ['cache_read_tokens', 'cache_read_tokens'],
  ['cache_write_5m_tokens', 'cache_write_5m_tokens'],
  ['cache_write_1h_tokens', 'cache_write_1h_tokens'],
  ['cache_write_other_tokens', 'cache_write_other_tokens'],
  ['output_tokens', 'output_tokens'],
  ['reasoning_tokens', 'reasoning_tokens'],
  ['cost_micro_usd', 'cost_micro_usd'],
  ['without_usage', `usage_source = 'missing'`],
  ['without_cost', 'cost_micro_usd IS NULL'],
  ['estimated', `usage_source = 'estimated'`],
]

/** Filters that the kept sums can answer. */
const KEPT_FILTERS: ReadonlySet<string> = new Set(['keyId', 'owner', 'team', 'accountId', 'model', 'from', 'before'])

interface GroupColumn {
  /** On a record; NULL and the empty text are "none". */
  readonly value: string
  /** The newest name of what is meant. */
  readonly name?: string
  /** The kept sums have it, too. */
  readonly isKept: boolean
}

const GROUPS: Readonly<Record<UsageGroupKind, GroupColumn>> = {
  key: { value: 'key_id', name: 'key_name', isKept: true },
  owner: { value: 'owner', isKept: true },
  team: { value: 'team', isKept: true },
  account: { value: 'account_id', name: 'account_name', isKept: true },
  'model-asked': { value: 'model_asked', isKept: true },
  'model-served': { value: 'model_served', isKept: true },
  session: { value: 'session_id', isKept: false },
  client: { value: 'client', isKept: false },
  tag: { value: '(SELECT value FROM json_each(tags) WHERE key = :groupTag)', isKept: false },
  'client-format': { value: 'client_format', isKept: false },
  'upstream-format': { value: 'upstream_format', isKept: false },
  status: { value: 'CAST(status AS TEXT)', isKept: false },
  reason: { value: 'reason', isKept: false },
  'usage-source': { value: 'usage_source', isKept: false },
  'cost-source': { value: 'cost_source', isKept: false },
}

const MAX_ROWS = 10_000
/** Before spans of a zone are put together: a year by the hour for twenty groups. */
const MAX_RAW_ROWS = 200_000

/** @param connection - what the records are written on */
export function createUsageSums(connection: Connection, flush: () => Promise<void>): UsageSummary {
  const prepared = new Map<string, Statement>()
  const facts: Facts = { connection, marks: createSumMarks(connection), times: createUsageTimes(connection) }

  // A query has few shapes, and each is prepared once.
  function prepare(sql: string): Statement {
    const statement = prepared.get(sql) ?? connection.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }

  function readParts(query: Query): readonly Row[] {
    const { sql, parameters } = toSql(query, partsOf(query, facts), facts)
    return prepare(sql).all(parameters)
  }

  async function sumUsage(filter: UsageFilter = {}): Promise<UsageSums> {
    await flush()
    const [row] = readParts({ filter, coarsest: 'months', bucket: undefined, group: undefined, limit: 1 })
    return toSums(row ?? {})
  }

  async function breakDownUsage(query: UsageBreakdownQuery): Promise<readonly UsageBreakdown[]> {
    const plan = planOf(query)
    const { filter = {}, tagName: groupTag } = query
    await flush()
    const limit = plan.startOf === undefined ? MAX_ROWS : MAX_RAW_ROWS
    const rows = readParts({ filter, ...plan, groupTag, limit })
    const found = rows.map((row) => toBreakdown(row, plan.bucket !== undefined))
    return plan.startOf === undefined ? found : putTogether(found, plan.startOf).slice(0, MAX_ROWS)
  }

  return { sumUsage, breakDownUsage }
}

interface Query {
  readonly filter: UsageFilter
  readonly coarsest: SumsLevel
  /** Start of a record's span. */
  readonly bucket: string | undefined
  readonly group: GroupColumn | undefined
  readonly groupTag?: string | undefined
  readonly limit: number
}

const HOUR = 'started_at - started_at % 3600000'
const DAY = 'started_at - started_at % 86400000'
const MONTH = `coalesce(unixepoch(started_at / 1000, 'unixepoch', 'start of month') * 1000, 0)`

const WHOLE: Pick<Query, 'coarsest' | 'bucket'> = { coarsest: 'months', bucket: undefined }
const PLANS: Readonly<Record<NonNullable<UsageBreakdownQuery['span']>, Pick<Query, 'coarsest' | 'bucket'>>> = {
  minute: { coarsest: 'records', bucket: 'started_at - started_at % 60000' },
  hour: { coarsest: 'hours', bucket: HOUR },
  day: { coarsest: 'days', bucket: DAY },
  month: { coarsest: 'months', bucket: MONTH },
}
const SPAN_NAMES = ['minute', 'hour', 'day', 'month'] as const

interface Plan extends Pick<Query, 'coarsest' | 'bucket' | 'group'> {
  /** Where spans of a zone begin, which hours are put together to. */
  readonly startOf?: ((at: number) => number) | undefined
}

function planOf(query: UsageBreakdownQuery): Plan {
  const group = query.group === undefined ? undefined : GROUPS[checkGroup(query)]
  if (query.span === undefined) return { ...WHOLE, group }
  const span = checkChoice('span', query.span, SPAN_NAMES)
  const zone = query.timeZone ?? 'UTC'
  if (zone === 'UTC' || span === 'minute' || span === 'hour') return { ...PLANS[span], group }
  return { ...PLANS.hour, group, startOf: createSpanStart(span, zone) }
}

function checkGroup({ group, tagName }: UsageBreakdownQuery): UsageGroupKind {
  const kinds = Object.keys(GROUPS) as UsageGroupKind[] // a record that is keyed by exactly these
  if (group === 'tag' && tagName === undefined) refuseField('tagName', 'is missing: which tag is meant?')
  return checkChoice('group', group, kinds)
}

/** What a query is planned by. */
interface Facts {
  readonly connection: Connection
  readonly marks: SumMarks
  readonly times: UsageTimes
}

function partsOf({ filter, coarsest, group }: Query, { connection, marks }: Facts): readonly SumsPart[] {
  const from = filter.from ?? -Infinity
  const before = filter.before ?? Infinity
  const asked = Object.entries(filter).filter(([, value]) => value !== undefined)
  const isKept = asked.every(([name]) => KEPT_FILTERS.has(name)) && group?.isKept !== false
  if (!isKept || coarsest === 'records') return from < before ? [{ level: 'records', from, before }] : []
  const since = (name: 'usage-records-since' | 'usage-hours-since'): number => Number(readMeta(connection, name) ?? 0)
  return splitRange({
    from,
    before,
    coarsest,
    recordsSince: since('usage-records-since'),
    hoursSince: since('usage-hours-since'),
    completeUntil: { days: marks.read('days').before, months: marks.read('months').before },
  })
}

function toSql(query: Query, parts: readonly SumsPart[], { times }: Facts): { sql: string; parameters: Parameters } {
  const { from: _, before: __, ...filter } = query.filter
  const { parameters } = toCondition(filter)
  const values: Record<string, Value> = { ...parameters, limit: query.limit }
  if (query.group?.value.includes(':groupTag') === true) values['groupTag'] = query.groupTag
  const selects = parts.map((part, index) => {
    const bounds: string[] = []
    const column = part.level === 'records' ? 'started_at' : 'starts_at'
    if (Number.isFinite(part.from)) {
      bounds.push(`${column} >= :from${index}`)
      values[`from${index}`] = part.from
    }
    if (Number.isFinite(part.before)) {
      bounds.push(`${column} < :before${index}`)
      values[`before${index}`] = part.before
    }
    if (part.level === 'records') {
      const shifts = times.shiftsOf(part)
      Object.assign(values, shiftParameters(filter, shifts, String(index)))
      bounds.push(...shiftCondition(filter, shifts, String(index)))
    } else {
      if (filter.keyId !== undefined) bounds.push(spanBySpan(part.level, bounds))
      bounds.push(`grain = ${GRAINS[part.level]}`)
    }
    return selectPart(query, part.level, toCondition(filter, bounds).where)
  })
  if (selects.length === 0)
    selects.push(selectPart({ ...query, filter: {} }, 'records', toCondition(filter, ['false']).where))
  const grouping = [query.bucket === undefined ? [] : 'bucket', query.group === undefined ? [] : 'grouped'].flat()
  const sums = SUMS.map(([column]) => `min(coalesce(sum(${column}), 0), ${Number.MAX_SAFE_INTEGER}) AS ${column}`).join(
    ', ',
  )
  const sql = `SELECT bucket, grouped, group_name, max(at), ${sums} FROM (${selects.join(' UNION ALL ')})
    ${grouping.length === 0 ? '' : `GROUP BY ${grouping.join(', ')}`}
    ORDER BY bucket, sum(requests) DESC, grouped LIMIT :limit`
  return { sql, parameters: values }
}

/**
 * Sums lie in the order of their spans, within a span by key. A row of each span leads to the next, so that the rows of a key
 * are found without those of all the others between.
 */
function spanBySpan(level: Exclude<SumsLevel, 'records'>, bounds: readonly string[]): string {
  const first = (conditions: readonly string[]): string =>
    `SELECT min(starts_at) FROM usage_sums WHERE ${[`grain = ${GRAINS[level]}`, ...conditions].join(' AND ')}`
  const next = first([...bounds, 'starts_at > spans.at'])
  return `starts_at IN (
    WITH RECURSIVE spans (at) AS (${first(bounds)} UNION ALL SELECT (${next}) FROM spans WHERE spans.at IS NOT NULL)
    SELECT at FROM spans)`
}

function selectPart({ filter, bucket, group }: Query, level: SumsLevel, where: string): string {
  const isRecords = level === 'records'
  const columns = [
    `${bucket === undefined ? 'NULL' : isRecords ? bucket : bucket.replaceAll('started_at', 'starts_at')} AS bucket`,
    `${group === undefined ? 'NULL' : `coalesce(${group.value}, '')`} AS grouped`,
    `${group?.name ?? 'NULL'} AS group_name`,
    `${isRecords ? 'started_at' : 'starts_at'} AS at`,
    ...SUMS.map(([column, ofRecord]) => (isRecords ? `${ofRecord} AS ${column}` : column)),
  ]
  return `SELECT ${columns.join(', ')} FROM ${isRecords ? recordsFor(filter) : 'usage_sums'}${where}`
}

function toBreakdown(row: Row, hasSpan: boolean): UsageBreakdown {
  const group = readOptionalText(row, 'grouped')
  const groupName = readOptionalText(row, 'group_name')
  return {
    startsAt: hasSpan ? readOptionalNumber(row, 'bucket') : undefined,
    group: group === '' ? undefined : group,
    groupName: groupName === '' ? undefined : groupName,
    sums: toSums(row),
  }
}

function toSums(row: Row): UsageSums {
  return {
    requests: readNumber(row, 'requests'),
    tokens: {
      inputTokens: readNumber(row, 'input_tokens'),
      cacheReadTokens: readNumber(row, 'cache_read_tokens'),
      cacheWrite5mTokens: readNumber(row, 'cache_write_5m_tokens'),
      cacheWrite1hTokens: readNumber(row, 'cache_write_1h_tokens'),
      cacheWriteOtherTokens: readNumber(row, 'cache_write_other_tokens'),
      outputTokens: readNumber(row, 'output_tokens'),
      reasoningTokens: readNumber(row, 'reasoning_tokens'),
    },
    costMicroUsd: readNumber(row, 'cost_micro_usd'),
    requestsFailed: readNumber(row, 'failed'),
    requestsWithLosses: readNumber(row, 'with_losses'),
    requestsWithoutUsage: readNumber(row, 'without_usage'),
    requestsWithoutCost: readNumber(row, 'without_cost'),
    requestsEstimated: readNumber(row, 'estimated'),
  }
}

/** Puts hours together to the days or months of a zone. */
function putTogether(rows: readonly UsageBreakdown[], startOf: (at: number) => number): readonly UsageBreakdown[] {
  const spans = new Map<string, UsageBreakdown>()
  for (const row of rows) {
    const startsAt = startOf(row.startsAt ?? 0)
    const key = JSON.stringify([startsAt, row.group])
    const known = spans.get(key)
    spans.set(key, { ...row, startsAt, sums: known === undefined ? row.sums : addSums(known.sums, row.sums) })
  }
  return [...spans.values()].toSorted(
    (a, b) => (a.startsAt ?? 0) - (b.startsAt ?? 0) || b.sums.requests - a.sums.requests,
  )
}

function addSums(left: UsageSums, right: UsageSums): UsageSums {
  const kinds = Object.keys(left.tokens) as (keyof UsageSums['tokens'])[] // the keys of this very object
  const tokens = Object.fromEntries(kinds.map((kind) => [kind, left.tokens[kind] + right.tokens[kind]]))
  return {
    requests: left.requests + right.requests,
    tokens: tokens as UsageSums['tokens'], // made from exactly its keys
    costMicroUsd: left.costMicroUsd + right.costMicroUsd,
    requestsFailed: left.requestsFailed + right.requestsFailed,
    requestsWithLosses: left.requestsWithLosses + right.requestsWithLosses,
    requestsWithoutUsage: left.requestsWithoutUsage + right.requestsWithoutUsage,
    requestsWithoutCost: left.requestsWithoutCost + right.requestsWithoutCost,
    requestsEstimated: left.requestsEstimated + right.requestsEstimated,
  }
}
