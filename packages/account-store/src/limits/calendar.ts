import type { BudgetPeriod } from './limits.ts'

/** One day, week or month of a time zone. */
export interface CalendarPeriod {
  /** Names it; the same on every node. */
  readonly label: string
  /** First millisecond, since the epoch. */
  readonly startsAt: number
  /** First millisecond of the next one; `undefined` for a period that never ends. */
  readonly endsAt: number | undefined
}

/** Asks for the period in which a moment lies. */
export interface PeriodRequest {
  readonly period: BudgetPeriod
  /** IANA name. */
  readonly timeZone: string
  /** When days begin, `HH:MM`; midnight unless said otherwise. */
  readonly resetTime?: string | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

const DAY_MS = 86_400_000
const FOR_EVER: CalendarPeriod = { label: '', startsAt: 0, endsAt: undefined }
/** Asking a zone for the time takes microseconds, and most requests fall into the period of the one before. */
const MAX_REMEMBERED = 10_000
const remembered = new Map<string, CalendarPeriod>()
const clocks = new Map<string, Intl.DateTimeFormat>()

/** The day, week (from Monday) or month of a time zone in which a moment lies. */
export function calendarPeriod(request: PeriodRequest): CalendarPeriod {
  const { period, timeZone, resetTime = '00:00', at } = request
  if (period === 'total') return FOR_EVER
  const name = `${period} ${resetTime} ${timeZone}`
  const known = remembered.get(name)
  if (known !== undefined && known.startsAt <= at && at < (known.endsAt ?? Infinity)) return known
  const found = findPeriod({ period, timeZone, resetMs: clockMs(resetTime), at })
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(name, found)
  return found
}

interface SearchedPeriod {
  readonly period: Exclude<BudgetPeriod, 'total'>
  readonly timeZone: string
  readonly resetMs: number
  readonly at: number
}

/** Wall clocks are counted as if they were UTC: then days have 24 hours and the calendar is that of `Date`. */
function findPeriod(search: SearchedPeriod): CalendarPeriod {
  const today = startOfDay(wallClock(search.timeZone, search.at) - search.resetMs)
  const first = firstDay(search.period, today)
  const found = periodFrom(first, search)
  // Clocks that were set back across the reset time show a time before it, and yet the next period has begun.
  return found.endsAt <= search.at ? periodFrom(firstDayAfter(search.period, first), search) : found
}

function periodFrom(first: number, { period, timeZone, resetMs }: SearchedPeriod): CalendarPeriod & { endsAt: number } {
  return {
    label: new Date(first).toISOString().slice(0, period === 'month' ? 7 : 10),
    startsAt: momentOf(timeZone, first + resetMs),
    endsAt: momentOf(timeZone, firstDayAfter(period, first) + resetMs),
  }
}

function firstDay(period: SearchedPeriod['period'], day: number): number {
  if (period === 'day') return day
  const date = new Date(day)
  if (period === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  return day - ((date.getUTCDay() + 6) % 7) * DAY_MS
}

function firstDayAfter(period: SearchedPeriod['period'], first: number): number {
  if (period === 'day') return first + DAY_MS
  if (period === 'week') return first + 7 * DAY_MS
  const date = new Date(first)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

function startOfDay(wallMs: number): number {
  return Math.floor(wallMs / DAY_MS) * DAY_MS
}

function clockMs(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':')
  return (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** What the clocks of a zone show at a moment. */
function wallClock(timeZone: string, at: number): number {
  const parts = new Map(
    clockOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const read = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  return Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'))
}

/**
 * The first moment at which the clocks of a zone show a time, or, where they jump over it, the moment of the jump.
 */
function momentOf(timeZone: string, wallMs: number): number {
  // Clocks are changed at most once within two days, so that one of the two offsets is the right one.
  const candidates = [-DAY_MS, DAY_MS].map((shift) => wallMs - offsetAt(timeZone, wallMs + shift))
  const exact = candidates.filter((moment) => wallClock(timeZone, moment) === wallMs)
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates)
}

function offsetAt(timeZone: string, at: number): number {
  return wallClock(timeZone, at) - at
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const made =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      calendar: 'gregory',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  clocks.set(timeZone, made)
  return made
}
