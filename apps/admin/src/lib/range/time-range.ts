import type { UsageSpan } from '@relay/server/admin-contract'

/** The spans of time that are offered by name. */
export const RANGE_NAMES = ['hour', 'today', '7d', '30d', '90d'] as const
export type RangeName = (typeof RANGE_NAMES)[number]

/** A span of time to look at, milliseconds since the epoch. */
export interface TimeRange {
  /** `custom` when somebody chose the ends. */
  readonly name: RangeName | 'custom'
  readonly from: number
  readonly before: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAYS: Readonly<Record<Exclude<RangeName, 'hour' | 'today'>, number>> = { '7d': 7, '30d': 30, '90d': 90 }

/**
 * Reads the range of an address: `range`, or `from` and `before` as milliseconds.
 *
 * @param now - rounded up to the minute, so that the same address means the same for a while
 */
export function readRange(
  parameters: URLSearchParams,
  { now, fallback }: { readonly now: number; readonly fallback: RangeName },
): TimeRange {
  const from = readTime(parameters.get('from'))
  const before = readTime(parameters.get('before'))
  if (from !== undefined && before !== undefined && from < before) return { name: 'custom', from, before }
  const asked = parameters.get('range')
  return namedRange(RANGE_NAMES.find((name) => name === asked) ?? fallback, now)
}

function readTime(text: string | null): number | undefined {
  const time = text === null || text === '' ? Number.NaN : Number(text)
  return Number.isSafeInteger(time) && time >= 0 && time < 8.64e15 ? time : undefined
}

/** A range that ends now; days begin at midnight where the reader is. */
export function namedRange(name: RangeName, now: number): TimeRange {
  const before = Math.ceil(now / 60_000) * 60_000
  if (name === 'hour') return { name, from: before - HOUR_MS, before }
  const midnight = new Date(now)
  midnight.setHours(0, 0, 0, 0)
  if (name !== 'today') midnight.setDate(midnight.getDate() - DAYS[name] + 1)
  return { name, from: midnight.getTime(), before }
}

/** How finely a range is cut, so that there are enough bars to see something and few enough to tell apart. */
export function spanOf({ from, before }: Pick<TimeRange, 'from' | 'before'>): UsageSpan {
  const length = before - from
  if (length <= 2 * HOUR_MS) return 'minute'
  if (length <= 4 * DAY_MS) return 'hour'
  return length <= 200 * DAY_MS ? 'day' : 'month'
}

const SPAN_MS: Readonly<Record<UsageSpan, number>> = {
  minute: 60_000,
  hour: HOUR_MS,
  day: DAY_MS,
  month: 28 * DAY_MS,
}
/** More bars cannot be told apart. */
const MAX_SPANS = 400

/** Into which spans a range can be cut, so that there are not too many bars; always at least one. */
export function spansFor(range: Pick<TimeRange, 'from' | 'before'>): readonly UsageSpan[] {
  const length = range.before - range.from
  const usual = spanOf(range)
  return (['minute', 'hour', 'day', 'month'] as const).filter(
    (span) => span === usual || (length / SPAN_MS[span] <= MAX_SPANS && SPAN_MS[span] <= length),
  )
}

/** Begin of each span of the range and, last, the end of the last one. */
export function edgesOf({ from, before }: Pick<TimeRange, 'from' | 'before'>, span: UsageSpan): readonly number[] {
  const at = new Date(from)
  startOf(at, span)
  const edges = [at.getTime()]
  while (at.getTime() < before && edges.length < 2_000) {
    step(at, span)
    edges.push(at.getTime())
  }
  return edges
}

function startOf(at: Date, span: UsageSpan): void {
  at.setSeconds(0, 0)
  if (span !== 'minute') at.setMinutes(0)
  if (span === 'day' || span === 'month') at.setHours(0)
  if (span === 'month') at.setDate(1)
}

function step(at: Date, span: UsageSpan): void {
  switch (span) {
    case 'minute':
      return void at.setTime(at.getTime() + 60_000)
    case 'hour':
      return void at.setTime(at.getTime() + HOUR_MS)
    case 'day':
      return void at.setDate(at.getDate() + 1)
    case 'month':
      return void at.setMonth(at.getMonth() + 1)
  }
}

/** Puts lines into the spans they belong to. */
export function intoSpans<Line extends { readonly startsAt?: number | undefined }>(
  edges: readonly number[],
  lines: readonly Line[],
): readonly (readonly Line[])[] {
  const spans: Line[][] = edges.slice(1).map(() => [])
  for (const line of lines) {
    const index = edges.findLastIndex((edge) => edge <= (line.startsAt ?? Number.NaN))
    spans[index]?.push(line)
  }
  return spans
}

/** The zone of the reader, for days and months. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
