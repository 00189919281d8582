import type { TokenCounts, UsageSums } from '@relay/account-store'

import type { FateBook, FateTable } from './field-fates.ts'
import type { OriginData, OriginHash } from './origin-data.ts'
import { readAmount } from './origin-data.ts'
import type { PlanFacts } from './plan-accounts.ts'

/** Usage of one key, one day and, where it is known, one model. */
export interface PlannedUsage {
  readonly originKeyId: string
  readonly model: string | undefined
  /** Which of the origin's sums it comes from. */
  readonly part: 'model' | 'day' | 'month' | 'total'
  /** Start of the day in UTC, milliseconds since the epoch. */
  readonly day: number
  readonly sums: UsageSums
}

/** What all is counted in. */
interface Counts {
  readonly requests: number
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
  readonly cacheWriteOther: number
  readonly output: number
  readonly costMicroUsd: number
}

const NOTHING: Counts = {
  requests: 0,
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheWriteOther: 0,
  output: 0,
  costMicroUsd: 0,
}

const DAILY_MODEL = /^usage:([^:]+):model:daily:(.+):(\d{4}-\d{2}-\d{2})$/
const DAILY = /^usage:daily:([^:]+):(\d{4}-\d{2}-\d{2})$/
const MONTHLY = /^usage:monthly:([^:]+):(\d{4}-\d{2})$/
const TOTAL = /^usage:([^:]+)$/
const COST_DAILY = /^usage:cost:daily:([^:]+):(\d{4}-\d{2}-\d{2})$/
const COST_MONTHLY = /^usage:cost:monthly:([^:]+):(\d{4}-\d{2})$/
const COST_TOTAL = /^usage:cost:total:([^:]+)$/

/**
 * Plans the usage of all keys so that their sums are those of the origin: what is known by day and model, then what the
 * days, months and totals hold beyond that, on the first day of their time.
 */
export function planUsage({ data, fates }: Pick<PlanFacts, 'data' | 'fates'>): readonly PlannedUsage[] {
  const byKey = collect(data, (key) => hasDay(key, fates))
  return [...byKey].flatMap(([originKeyId, facts]) => planKeyUsage(originKeyId, facts))
}

interface KeyUsage {
  /** `day model` → counts. */
  readonly models: Map<string, Counts>
  readonly days: Map<string, Counts>
  readonly months: Map<string, Counts>
  /** One entry, once there is any. */
  readonly totals: Map<string, Counts>
}

const DAY = /:(\d{4}-\d{2}(?:-\d{2})?)$/
const FATES: FateTable = { day: ['dropped', 'the calendar has no such day; sums of more than a day still count it'] }

/** Whether a sum has no day of its own, or one that there is. */
function hasDay(key: string, fates: FateBook): boolean {
  const text = DAY.exec(key)?.[1]
  if (text === undefined) return true
  const day = text.length === 7 ? `${text}-01` : text
  const at = Date.parse(`${day}T00:00:00Z`)
  if (Number.isFinite(at) && new Date(at).toISOString().startsWith(day)) return true
  fates.meet('usage', { day }, FATES)
  return false
}

function collect(data: OriginData, isWanted: (key: string) => boolean): ReadonlyMap<string, KeyUsage> {
  const keys = new Map<string, KeyUsage>()
  const of = (id: string): KeyUsage => {
    const known = keys.get(id) ?? { models: new Map(), days: new Map(), months: new Map(), totals: new Map() }
    keys.set(id, known)
    return known
  }
  for (const [key, hash] of data.hashes) if (isWanted(key)) collectBy(HASHES, of, { key, counts: readCounts(hash) })
  for (const [key, text] of data.texts) {
    const costMicroUsd = Math.round((readAmount(text) ?? 0) * 1_000_000)
    if (costMicroUsd > 0 && isWanted(key)) collectBy(COSTS, of, { key, counts: { ...NOTHING, costMicroUsd } })
  }
  return keys
}

type Find = (id: string) => KeyUsage

/** What a key of the origin means, the more special pattern first. */
const HASHES: readonly (readonly [
  pattern: RegExp,
  add: (of: Find, parts: readonly string[], counts: Counts) => void,
])[] = [
  [DAILY_MODEL, (of, [id = '', model = '', day = ''], counts) => addTo(of(id).models, `${day} ${model}`, counts)],
  [DAILY, (of, [id = '', day = ''], counts) => addTo(of(id).days, day, counts)],
  [MONTHLY, (of, [id = '', month = ''], counts) => addTo(of(id).months, month, counts)],
  [TOTAL, (of, [id = ''], counts) => addToTotal(of(id), counts)],
]

const COSTS: typeof HASHES = [
  [COST_DAILY, (of, [id = '', day = ''], cost) => addTo(of(id).days, day, cost)],
  [COST_MONTHLY, (of, [id = '', month = ''], cost) => addTo(of(id).months, month, cost)],
  [COST_TOTAL, (of, [id = ''], cost) => addToTotal(of(id), cost)],
]

interface Found {
  readonly key: string
  readonly counts: Counts
}

function collectBy(table: typeof HASHES, of: Find, { key, counts }: Found): void {
  for (const [pattern, add] of table) {
    const parts = pattern.exec(key)
    if (parts !== null) return add(of, parts.slice(1), counts)
  }
}

function addTo(map: Map<string, Counts>, name: string, counts: Counts): void {
  map.set(name, plus(map.get(name) ?? NOTHING, counts))
}

function addToTotal(usage: KeyUsage, counts: Counts): void {
  addTo(usage.totals, '', counts)
}

interface Part {
  readonly part: PlannedUsage['part']
  /** `YYYY-MM-DD`. */
  readonly day: string
  readonly model?: string
  readonly counts: Counts
}

function planKeyUsage(originKeyId: string, usage: KeyUsage): readonly PlannedUsage[] {
  const planned: Part[] = []
  const add = (part: Part): void => {
    if (Object.values(part.counts).some((count) => count > 0)) planned.push(part)
  }
  const sumOf = (begin: string): Counts =>
    planned.filter(({ day }) => day.startsWith(begin)).reduce((sum, { counts }) => plus(sum, counts), NOTHING)
  for (const [place, counts] of usage.models)
    add({ part: 'model', day: place.slice(0, 10), model: place.slice(11), counts })
  for (const [day, counts] of usage.days) add({ part: 'day', day, counts: minus(counts, sumOf(day)) })
  for (const [month, counts] of usage.months)
    add({ part: 'month', day: `${month}-01`, counts: minus(counts, sumOf(month)) })
  const first = planned.map(({ day }) => day).toSorted()[0] ?? new Date().toISOString().slice(0, 10)
  add({ part: 'total', day: first, counts: minus(usage.totals.get('') ?? NOTHING, sumOf('')) })
  const isCostKnown = sumOf('').costMicroUsd > 0
  return planned.map(({ part, day, model, counts }) => ({
    originKeyId,
    part,
    model,
    day: Date.parse(`${day}T00:00:00Z`),
    sums: toSums(counts, isCostKnown),
  }))
}

function readCounts(hash: OriginHash): Counts {
  const read = (...names: readonly string[]): number => {
    const text = names.map((name) => hash[name]).find((value) => value !== undefined)
    return Math.round(readAmount(text) ?? 0)
  }
  const written = read('cacheCreateTokens', 'totalCacheCreateTokens')
  const cacheWrite5m = read('ephemeral5mTokens', 'totalEphemeral5mTokens')
  const cacheWrite1h = read('ephemeral1hTokens', 'totalEphemeral1hTokens')
  return {
    requests: read('requests', 'totalRequests'),
    input: read('inputTokens', 'totalInputTokens'),
    cacheRead: read('cacheReadTokens', 'totalCacheReadTokens'),
    cacheWrite5m,
    cacheWrite1h,
    cacheWriteOther: Math.max(0, written - cacheWrite5m - cacheWrite1h),
    output: read('outputTokens', 'totalOutputTokens'),
    costMicroUsd: 0,
  }
}

function plus(left: Counts, right: Counts): Counts {
  return combine(left, right, (a, b) => a + b)
}

/** What is left; never below nothing. */
function minus(left: Counts, right: Counts): Counts {
  return combine(left, right, (a, b) => Math.max(0, a - b))
}

function combine(left: Counts, right: Counts, work: (a: number, b: number) => number): Counts {
  const names = Object.keys(NOTHING) as (keyof Counts)[] // the keys of this very object
  return Object.fromEntries(names.map((name) => [name, work(left[name], right[name])])) as unknown as Counts // all of them
}

function toSums(counts: Counts, isCostKnown: boolean): UsageSums {
  const tokens: Record<keyof TokenCounts, number> = {
    inputTokens: counts.input,
    cacheReadTokens: counts.cacheRead,
    cacheWrite5mTokens: counts.cacheWrite5m,
    cacheWrite1hTokens: counts.cacheWrite1h,
    cacheWriteOtherTokens: counts.cacheWriteOther,
    outputTokens: counts.output,
    reasoningTokens: 0,
  }
  return {
    requests: counts.requests,
    tokens,
    costMicroUsd: counts.costMicroUsd,
    requestsFailed: 0,
    requestsWithLosses: 0,
    requestsWithoutUsage: 0,
    requestsWithoutCost: isCostKnown ? 0 : counts.requests,
    requestsEstimated: 0,
  }
}
