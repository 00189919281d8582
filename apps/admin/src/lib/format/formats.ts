/** Numbers, money and times as people of one language read them. */
export interface Formats {
  /** `12,345` */
  count(value: number): string
  /** Millionths of a US dollar as money, small amounts with the digits they need: `$0.0031`, never `3.1e-3`. */
  cost(microUsd: number): string
  /** `320ms`, `1.24s`, `2m 5s` */
  duration(ms: number): string
  /** The day; `undefined` where it is today, which needs no words. */
  dayUnlessToday(at: number, now?: number): string | undefined
  /** Day and time with seconds, for titles and details. */
  dateTime(at: number): string
  /** Time of day with seconds. */
  timeOfDay(at: number): string
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
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
  return {
    count: (value) => count.format(value),
    cost: (microUsd) => formatCost(locale, microUsd),
    duration: (ms) => formatDuration(locale, ms),
    dayUnlessToday: (at, now = Date.now()) => (isSameDay(at, now) ? undefined : day.format(at)),
    dateTime: (at) => full.format(at),
    timeOfDay: (at) => time.format(at),
  }
}

function formatCost(locale: string, microUsd: number): string {
  const dollars = microUsd / MICROS_PER_DOLLAR
  const isSmall = dollars !== 0 && Math.abs(dollars) < 0.1
  const digits = isSmall ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 }
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    ...digits,
  }).format(dollars)
}

function formatDuration(locale: string, ms: number): string {
  if (ms < 999.5) return formatUnit(locale, 'millisecond', Math.round(ms))
  const seconds = ms / 1000
  if (seconds < 9.995) return formatUnit(locale, 'second', Number(seconds.toFixed(2)))
  if (seconds < 59.95) return formatUnit(locale, 'second', Number(seconds.toFixed(1)))
  const whole = Math.round(seconds)
  return `${formatUnit(locale, 'minute', Math.floor(whole / 60))} ${formatUnit(locale, 'second', whole % 60)}`
}

function formatUnit(locale: string, unit: string, value: number): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' }).format(value)
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString()
}
