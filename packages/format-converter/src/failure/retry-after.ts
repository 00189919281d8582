import { isJsonArray, isJsonObject, type JsonObject } from '../model/json.ts'

/** Longest wait that is believed: a week, in ms; a longer one is a mistake. Callers cap what they pass on to clients. */
const MAX_WAIT_MS = 604_800_000

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Where a wish to wait may stand. */
export interface RetrySources {
  readonly headers: Readonly<Record<string, string>>
  /** The error object of the body. */
  readonly error: JsonObject | undefined
  readonly message: string
}

/**
 * How long the upstream asks to wait, in ms.
 *
 * A wait that is negative, lies in the past or is longer than a week is ignored, and the next source is read. Order: `retry-after-ms`, `retry-after` (seconds, or a date measured against the answer's own `date` header), fields of
 * the error (`retry_after`, `resets_in_seconds`, Google's `RetryInfo`; `resets_at` in Unix seconds, measured like a date), and text such as "try again in 1.2s".
 */
export function readRetryAfterMs(sources: RetrySources): number | undefined {
  const seconds = readHeader(sources.headers, 'retry-after')
  const now = momentOf(readHeader(sources.headers, 'date'))
  const wait =
    believed(numberOf(readHeader(sources.headers, 'retry-after-ms'))) ??
    believed(scaled(numberOf(seconds), 1_000)) ??
    believed(between(now, momentOf(seconds))) ??
    believed(fromFields(sources.error)) ??
    believed(between(now, scaled(numberOf(sources.error?.['resets_at']), 1_000))) ??
    believed(fromText(sources.message))
  return wait === undefined ? undefined : Math.ceil(wait)
}

/** What cannot be meant tells nothing, so that the next source is read. */
function believed(wait: number | undefined): number | undefined {
  return wait === undefined || wait < 0 || wait > MAX_WAIT_MS ? undefined : wait
}

/** Reads a header whatever the case of its name. */
export function readHeader(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  if (Object.hasOwn(headers, name)) return headers[name]
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name)
  return key === undefined ? undefined : headers[key]
}

function numberOf(text: unknown): number | undefined {
  if (typeof text === 'number') return Number.isFinite(text) ? text : undefined
  return typeof text === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor
}

/** The date form of HTTP: `Date.parse` alone would read `-5` as a date too. */
const HTTP_DATE = /^[A-Z][a-z]{2,8}, .{10,30}$/

/** The library has no clock: a moment says something only beside the date of the answer. */
function between(now: number | undefined, until: number | undefined): number | undefined {
  return now === undefined || until === undefined ? undefined : until - now
}

/** Milliseconds since the epoch. */
function momentOf(date: string | undefined): number | undefined {
  if (date === undefined || !HTTP_DATE.test(date.trim())) return undefined
  // oxlint-disable-next-line no-restricted-globals -- a date of the answer is read, no clock
  const moment = Date.parse(date)
  return Number.isNaN(moment) ? undefined : moment
}

function fromFields(error: JsonObject | undefined): number | undefined {
  if (error === undefined) return undefined
  const seconds = numberOf(error['retry_after']) ?? numberOf(error['resets_in_seconds'])
  if (seconds !== undefined) return seconds * 1_000
  const details = error['details']
  if (!isJsonArray(details)) return undefined
  const delays = details.map((detail) => (isJsonObject(detail) ? detail['retryDelay'] : undefined))
  const delay = delays.find((value) => typeof value === 'string')
  return delay === undefined ? undefined : readDurationMs(delay)
}

function fromText(message: string): number | undefined {
  const match = /(?:try again|retry)(?: in| after) ([\d.]+ ?[a-z]{1,12}(?:[\d.]+[a-z]{1,2}){0,3})/i.exec(message)
  return match?.[1] === undefined ? undefined : readDurationMs(match[1])
}

/** `1.2s`, `20ms`, `6m0s`, `1h2m3s`, `30 seconds`; `undefined` when no unit is known. */
export function readDurationMs(text: string): number | undefined {
  let total: number | undefined
  for (const [, amount, unit] of text.slice(0, 40).matchAll(/([\d.]{1,12}) ?([a-z]{1,12})/gi)) {
    const scale = UNIT_MS[unitName(unit ?? '')]
    const value = Number(amount)
    if (scale === undefined || Number.isNaN(value)) return total
    total = (total ?? 0) + value * scale
  }
  return total
}

function unitName(word: string): string {
  const lower = word.toLowerCase()
  return lower === 'ms' || lower.startsWith('milli') ? 'ms' : lower.slice(0, 1)
}
