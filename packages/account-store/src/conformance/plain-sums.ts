import type { UsageBreakdownQuery, UsageFilter, UsageGroupKind, UsageRecord, UsageSums } from '../usage-record.ts'

/** Sums made of the records themselves, as plainly as can be: what a store's sums must equal. */

const HOUR_MS = 3_600_000

/** Whether a filter means a record. */
export function fits(record: UsageRecord, filter: UsageFilter): boolean {
  return Object.entries(filter).every(([name, value]) => {
    const check = CHECKS[name as keyof UsageFilter]
    return check === undefined ? record[name as keyof UsageRecord] === value : check(record, filter)
  })
}

/** Filters that are not a field of the record. */
const CHECKS: Readonly<Partial<Record<keyof UsageFilter, (record: UsageRecord, filter: UsageFilter) => boolean>>> = {
  from: ({ startedAt }, { from = 0 }) => startedAt >= from,
  before: ({ startedAt }, { before = 0 }) => startedAt < before,
  model: ({ modelAsked, modelServed }, { model }) => modelAsked === model || modelServed === model,
  isFailed: (record, { isFailed }) => isFailure(record) === isFailed,
  hasLosses: ({ losses }, { hasLosses }) => losses.length > 0 === hasLosses,
  lossCode: ({ losses }, { lossCode }) => losses.some(({ code }) => code === lossCode),
  costSource: (record, { costSource }) => costSourceOf(record) === costSource,
  tag: ({ tags }, { tag }) =>
    tag === 'project' ? tags['project'] !== undefined : `project=${tags['project']}` === tag,
}

function isFailure({ reason }: UsageRecord): boolean {
  return reason !== 'completed' && reason !== 'client_closed'
}

function costSourceOf({ costMicroUsd, costSource }: UsageRecord): string {
  return costMicroUsd === undefined ? 'unknown' : costSource
}

const KINDS: Readonly<Partial<Record<UsageGroupKind, (record: UsageRecord) => string | undefined>>> = {
  key: ({ keyId }) => keyId,
  owner: ({ owner }) => owner,
  team: ({ team }) => team,
  account: ({ accountId }) => accountId,
  'model-asked': ({ modelAsked }) => modelAsked,
  'model-served': ({ modelServed }) => modelServed,
  session: ({ sessionId }) => sessionId,
  tag: ({ tags }) => tags['project'],
  status: ({ status }) => String(status),
  reason: ({ reason }) => reason,
}

/** A row of a breakdown. */
export interface SumsRow {
  readonly startsAt: number | undefined
  readonly group: string | undefined
  readonly sums: UsageSums
}

/** The rows of a breakdown, in no order. */
export function breakDown(
  records: readonly UsageRecord[],
  { span, timeZone, group }: UsageBreakdownQuery,
): readonly SumsRow[] {
  const groups = new Map<string, { startsAt: number | undefined; group: string | undefined; records: UsageRecord[] }>()
  for (const record of records) {
    const startsAt = span === undefined ? undefined : startOf(span, record.startedAt, timeZone)
    const name = group === undefined ? undefined : KINDS[group]?.(record)
    const key = JSON.stringify([startsAt, name])
    const known = groups.get(key) ?? { startsAt, group: name, records: [] }
    known.records.push(record)
    groups.set(key, known)
  }
  return [...groups.values()].map(({ records: own, ...row }) => ({ ...row, sums: sumOf(own) }))
}

/** Tokyo is nine hours ahead the whole year. */
function startOf(span: NonNullable<UsageBreakdownQuery['span']>, at: number, timeZone: string | undefined): number {
  const ahead = timeZone === undefined ? 0 : 9 * HOUR_MS
  const local = new Date(at + ahead)
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()]
  switch (span) {
    case 'minute':
      return at - (at % 60_000)
    case 'hour':
      return at - (at % HOUR_MS)
    case 'day':
      return Date.UTC(year, month, day) - ahead
    case 'month':
      return Date.UTC(year, month, 1) - ahead
  }
}

/** What records add up to. */
export function sumOf(records: readonly UsageRecord[]): UsageSums {
  const add = (read: (record: UsageRecord) => number | undefined): number =>
    records.reduce((sum, record) => sum + (read(record) ?? 0), 0)
  return {
    requests: records.length,
    tokens: {
      inputTokens: add(({ tokens }) => tokens.inputTokens),
      cacheReadTokens: add(({ tokens }) => tokens.cacheReadTokens),
      cacheWrite5mTokens: add(({ tokens }) => tokens.cacheWrite5mTokens),
      cacheWrite1hTokens: add(({ tokens }) => tokens.cacheWrite1hTokens),
      cacheWriteOtherTokens: add(({ tokens }) => tokens.cacheWriteOtherTokens),
      outputTokens: add(({ tokens }) => tokens.outputTokens),
      reasoningTokens: add(({ tokens }) => tokens.reasoningTokens),
    },
    costMicroUsd: add(({ costMicroUsd }) => costMicroUsd),
    requestsFailed: records.filter(isFailure).length,
    requestsWithLosses: records.filter(({ losses }) => losses.length > 0).length,
    requestsWithoutUsage: records.filter(({ usageSource }) => usageSource === 'missing').length,
    requestsWithoutCost: records.filter(({ costMicroUsd }) => costMicroUsd === undefined).length,
    requestsEstimated: records.filter(({ usageSource }) => usageSource === 'estimated').length,
  }
}

/** Rows in one order, to be compared. */
export function sorted(rows: readonly SumsRow[]): readonly string[] {
  return rows.map((row) => JSON.stringify([row.startsAt ?? null, row.group ?? null, row.sums])).toSorted()
}
