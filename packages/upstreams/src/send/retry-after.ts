import type { UpstreamHeaders } from './upstream-call.ts'

/** A wait of more than a day is taken for a mistake. */
const ABSURD_WAIT_MS = 86_400_000

/**
 * How long an upstream asks to wait, in milliseconds.
 *
 * Sources in this order: `retry-after-ms`, `retry-after` in seconds, `retry-after` as a date.
 * A value that is unreadable, negative or longer than a day is ignored and the next one is read.
 */
export function readRetryAfterMs(headers: UpstreamHeaders, nowMs: number): number | undefined {
  const milliseconds = readNumber(headers.get('retry-after-ms'), 1)
  if (milliseconds !== undefined) return milliseconds
  const text = headers.get('retry-after')
  return readNumber(text, 1000) ?? readDate(text, nowMs)
}

/** What clients are told: whole seconds, 1 to 60, since agents sleep as long as they are told. */
export function clientRetryAfterSeconds(retryAfterMs: number): number {
  return Math.min(60, Math.max(1, Math.ceil(retryAfterMs / 1000)))
}

function readNumber(text: string | undefined, unitMs: number): number | undefined {
  if (text === undefined || !/^\d{1,12}(?:\.\d{1,12})?$/.test(text.trim())) return undefined
  const waitMs = Math.ceil(Number(text) * unitMs)
  return waitMs <= ABSURD_WAIT_MS ? waitMs : undefined
}

/** Only the date form of HTTP: `Date.parse` alone would also read `-5` as a date. */
const HTTP_DATE = /^[A-Z][a-z]{2,8}, .{10,30}$/

function readDate(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined || !HTTP_DATE.test(text.trim())) return undefined
  const waitMs = Date.parse(text) - nowMs
  return waitMs >= 0 && waitMs <= ABSURD_WAIT_MS ? waitMs : undefined
}
