import { calendarPeriod } from './limits/calendar.ts'
import { checkTimeZone } from './limits/check-time-zone.ts'

/** Where sums are kept: in the records themselves, or by the hour, day and month in UTC. */
export type SumsLevel = 'records' | 'hours' | 'days' | 'months'

/** A span of time that is summed at one level. */
export interface SumsPart {
  readonly level: SumsLevel
  /** Milliseconds since the epoch, `-Infinity` = from the start. */
  readonly from: number
  /** Not included; `Infinity` = to the end. */
  readonly before: number
}

/** What is asked, and what is left of old times. */
export interface SumsRange {
  readonly from: number
  readonly before: number
  /** The coarsest level that may be used. */
  readonly coarsest: SumsLevel
  /** Older records are gone. */
  readonly recordsSince: number
  /** Older sums by the hour are gone. */
  readonly hoursSince: number
  /** Until when the sums of a level are there; without it, to the end. */
  readonly completeUntil?: Partial<Readonly<Record<SumsLevel, number>>>
}

const LEVELS: readonly SumsLevel[] = ['records', 'hours', 'days', 'months']
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * Cuts a span of time into parts that each level sums without cutting a bucket: whole months, days and hours, and
 * records at the edges. Where finer data is gone, the edges grow to the next full hour or day.
 */
export function splitRange(range: SumsRange): readonly SumsPart[] {
  if (range.coarsest !== 'hours' || range.from >= range.hoursSince) return split(range)
  // The sums by the hour are gone there: the days have to do.
  const cut = Math.min(floor('days', range.hoursSince), range.before)
  return [...split({ ...range, before: cut, coarsest: 'days' }), ...split({ ...range, from: cut })]
}

function split(range: SumsRange): readonly SumsPart[] {
  const from = grow(range.from, range, floor)
  const before = grow(range.before, range, ceil)
  return cover({ from, before }, 0, range)
}

function grow(edge: number, { recordsSince, hoursSince }: SumsRange, align: typeof floor): number {
  if (!Number.isFinite(edge)) return edge
  if (edge < hoursSince) return align('days', edge)
  return edge < recordsSince ? align('hours', edge) : edge
}

function cover({ from, before }: Omit<SumsPart, 'level'>, index: number, range: SumsRange): readonly SumsPart[] {
  const level = LEVELS[index] ?? 'months'
  const coarser = LEVELS[index + 1]
  if (from >= before) return []
  if (level === range.coarsest || coarser === undefined) return [{ level, from, before }]
  const innerFrom = ceil(coarser, from)
  const innerBefore = floor(coarser, Math.min(before, range.completeUntil?.[coarser] ?? Infinity))
  if (innerFrom >= innerBefore) return [{ level, from, before }]
  return [
    ...(from < innerFrom ? [{ level, from, before: innerFrom }] : []),
    ...cover({ from: innerFrom, before: innerBefore }, index + 1, range),
    ...(innerBefore < before ? [{ level, from: innerBefore, before }] : []),
  ]
}

/** The start of the hour, day or month in UTC that a time is in. */
export function floor(level: SumsLevel, at: number): number {
  if (!Number.isFinite(at)) return at
  if (level === 'months') return Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth(), 1)
  if (level === 'records') return at
  const length = level === 'hours' ? HOUR_MS : DAY_MS
  return Math.floor(at / length) * length
}

/** The first start of an hour, day or month in UTC that is not before a time. */
export function ceil(level: SumsLevel, at: number): number {
  const start = floor(level, at)
  if (start === at) return at
  if (level === 'months') return Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + 1, 1)
  return start + (level === 'hours' ? HOUR_MS : DAY_MS)
}

/**
 * Makes a function that says when the local day or month of a time begins.
 *
 * @throws StoreError `invalid-input` for a zone that nobody knows
 */
export function createSpanStart(period: 'day' | 'month', timeZone: string): (at: number) => number {
  checkTimeZone('timeZone', timeZone)
  return (at) => calendarPeriod({ period, timeZone, at }).startsAt
}
