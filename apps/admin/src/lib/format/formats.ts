/** Numbers, money and times as people of one language read them. */
export interface Formats {
  /** `12,345` */
  count(value: number): string
  /** `12.3K`, `4.5M`: for axes and tiles, where the whole number would not fit. */
  compact(value: number): string
  /** `1.2 kB`, `3.4 MB` */
  bytes(value: number): string
  /** `97.4 %` of a part from 0 to 1. */
  percent(part: number): string
  /** Millionths of a US dollar as money, small amounts with the digits they need: `$0.0031`, never `3.1e-3`. */
  cost(microUsd: number): string
  /** An amount in any currency, with the digits that small ones need. */
  money(amount: number, currency: string): string
  /** Like `duration`, with fractions of a millisecond: `0.42ms`. */
  fineDuration(ms: number): string
  /** `320ms`, `1.24s`, `2m 5s`, `7h 25m` */
  duration(ms: number): string
  /** The day; `undefined` where it is today, which needs no words. */
  dayUnlessToday(at: number, now?: number): string | undefined
  /** Day and time with seconds, for titles and details. */
  dateTime(at: number): string
  /** Time of day with seconds. */
  timeOfDay(at: number): string
  /** A begin of a span on an axis, as short as it can be. */
  axisTime(at: number, span: 'minute' | 'hour' | 'day' | 'month'): string
  /** The day alone, with its year. */
  date(at: number): string
  /** A window of time in the largest unit that divides it: `1m`, `24h`. */
  span(ms: number): string
  /** A length of time in days: `30 days`. */
  days(ms: number): string
  /** Day and month, for axes. */
  shortDay(at: number): string
  /** How long ago, in the largest unit that fits: `3 minutes ago`; `in 2 days` for the future. */
  ago(at: number, now?: number): string
}

const MICROS_PER_DOLLAR = 1_000_000

/**
 * Makes the formats of a language.
 *
 * @param locale - BCP 47 tag such as `en` or `zh-CN`
 */
export function createFormats(locale: string): Formats {
  const count = new Intl.NumberFormat(locale)
  const time = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const day = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' })
  const compact = new Intl.NumberFormat(locale, {
    notation: 'compact',
    maximumFractionDigits: 1,
    maximumSignificantDigits: 4, // ten million are a thousand 万
    roundingPriority: 'lessPrecision',
  })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const axis = createAxisFormats(locale)
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
  const days = new Intl.NumberFormat(locale, { style: 'unit', unit: 'day', unitDisplay: 'long' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
  return {
    count: (value) => count.format(value),
    compact: (value) => compact.format(value),
    bytes: (value) => formatBytes(locale, value),
    percent: (part) => percent.format(part),
    cost: (microUsd) => formatCost(locale, microUsd),
    money: (amount, currency) => formatMoney(locale, amount, currency),
    fineDuration: (ms) =>
      ms < 10 ? formatUnit(locale, 'millisecond', Number(ms.toFixed(ms < 1 ? 3 : 2))) : formatDuration(locale, ms),
    duration: (ms) => formatDuration(locale, ms),
    dayUnlessToday: (at, now = Date.now()) => (isSameDay(at, now) ? undefined : day.format(at)),
    dateTime: (at) => full.format(at),
    timeOfDay: (at) => time.format(at),
    axisTime: (at, span) => axis[span].format(at),
    date: (at) => date.format(at),
    span: (ms) => formatSpan(locale, ms),
    days: (ms) => days.format(Math.round(ms / 86_400_000)),
    shortDay: (at) => day.format(at),
    ago: (at, now = Date.now()) => formatAgo(relative, at - now),
  }
}

function createAxisFormats(locale: string): Readonly<Record<'minute' | 'hour' | 'day' | 'month', Intl.DateTimeFormat>> {
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return {
    minute: clock,
    hour: clock,
    day: new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' }),
    month: new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric' }),
  }
}

function formatCost(locale: string, microUsd: number): string {
  return formatMoney(locale, microUsd / MICROS_PER_DOLLAR, 'USD')
}

function formatMoney(locale: string, amount: number, currency: string): string {
  const isSmall = amount !== 0 && Math.abs(amount) < 0.1
  const digits = isSmall ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 }
  const style = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const
  return new Intl.NumberFormat(locale, { ...style, ...digits }).format(amount)
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

function formatBytes(locale: string, value: number): string {
  const power = value < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3))
  const unit = BYTE_UNITS[power] ?? 'byte'
  const digits = power === 0 ? 0 : 1
  const shown = value / 1000 ** power
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(shown)
}

function formatDuration(locale: string, ms: number): string {
  if (ms < 999.5) return formatUnit(locale, 'millisecond', Math.round(ms))
  const seconds = ms / 1000
  if (seconds < 9.995) return formatUnit(locale, 'second', Number(seconds.toFixed(2)))
  if (seconds < 59.95) return formatUnit(locale, 'second', Number(seconds.toFixed(1)))
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${formatUnit(locale, 'minute', minutes)} ${formatUnit(locale, 'second', whole % 60)}`
  return `${formatUnit(locale, 'hour', Math.floor(minutes / 60))} ${formatUnit(locale, 'minute', minutes % 60)}`
}

function formatSpan(locale: string, ms: number): string {
  if (ms % 86_400_000 === 0) return formatUnit(locale, 'day', ms / 86_400_000)
  if (ms % 3_600_000 === 0) return formatUnit(locale, 'hour', ms / 3_600_000)
  if (ms % 60_000 === 0) return formatUnit(locale, 'minute', ms / 60_000)
  return formatUnit(locale, 'second', ms / 1000)
}

function formatUnit(locale: string, unit: string, value: number): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' }).format(value)
}

/** The units of a distance in time, the largest first, in milliseconds. */
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
]

function formatAgo(format: Intl.RelativeTimeFormat, distanceMs: number): string {
  const [unit, size] = UNITS.find(([, ms]) => Math.abs(distanceMs) >= ms) ?? ['second', 1000]
  return format.format(Math.trunc(distanceMs / size), unit)
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString()
}
