import { readDurationMs } from '../failure/retry-after.ts'
import type { FormatName } from '../model/format-name.ts'
import { readMoment, writeMoment } from './ambient.ts'
import { toHeaderRecord, type HeadersLike } from './headers-like.ts'

/** What both families of APIs limit. Anthropic counts input and output apart as well, which OpenAI has no name for. */
const RESOURCES = ['requests', 'tokens'] as const

/** The headers that a family of APIs says its limits in. */
interface LimitHeaders {
  readonly pattern: RegExp
  nameOf(resource: string, member: 'limit' | 'remaining' | 'reset'): string
  /** Milliseconds until the limit is full again; `undefined` when the text says nothing of the kind. */
  readReset(text: string, nowMs: number): number | undefined
  writeReset(waitMs: number, nowMs: number): string
}

/** A reset is a moment: `2026-11-28T12:00:00Z`. */
const ANTHROPIC: LimitHeaders = {
  pattern: /^anthropic-ratelimit-(?:requests|tokens|input-tokens|output-tokens)-(?:limit|remaining|reset)$/,
  nameOf: (resource, member) => `anthropic-ratelimit-${resource}-${member}`,
  readReset: (text, nowMs) => {
    const moment = readMoment(text)
    return moment === undefined ? undefined : Math.max(0, moment - nowMs)
  },
  writeReset: (waitMs, nowMs) => writeMoment(nowMs + waitMs),
}

/** A reset is a duration: `20ms`, `1s`, `6m0s`. */
const OPENAI: LimitHeaders = {
  pattern: /^x-ratelimit-(?:limit|remaining|reset)-(?:requests|tokens)$/,
  nameOf: (resource, member) => `x-ratelimit-${member}-${resource}`,
  readReset: (text) => (DURATION.test(text) ? readDurationMs(text) : undefined),
  writeReset: writeDuration,
}

/** A month; what lies farther off is a mistake. */
const MAX_RESET_MS = 31 * 86_400_000

/** Printable and short: what a client can be shown. */
const VALUE = /^[\w.:+-]{1,64}$/
const COUNT = /^\d{1,15}$/
const DURATION = /^(?:[\d.]{1,12}(?:ms|[smhd])){1,4}$/

/**
 * The upstream's rate limits under the names that the client's SDK looks for. Those of the client's own family pass as
 * they are; of the other's, what has a counterpart.
 */
export function mapRateLimits(
  headers: HeadersLike,
  { client, nowMs }: { readonly client: FormatName; readonly nowMs: number },
): Readonly<Record<string, string>> {
  const given = toHeaderRecord(headers)
  const [own, foreign] = client === 'anthropic-messages' ? [ANTHROPIC, OPENAI] : [OPENAI, ANTHROPIC]
  const passed = Object.entries(given).filter(([name, value]) => own.pattern.test(name) && VALUE.test(value))
  if (passed.length > 0) return Object.fromEntries(passed)

  const mapped: Record<string, string> = {}
  for (const resource of RESOURCES) {
    for (const member of ['limit', 'remaining'] as const) {
      const count = given[foreign.nameOf(resource, member)]
      if (count !== undefined && COUNT.test(count)) mapped[own.nameOf(resource, member)] = count
    }
    const waitMs = foreign.readReset(given[foreign.nameOf(resource, 'reset')] ?? '', nowMs)
    if (waitMs !== undefined && waitMs <= MAX_RESET_MS)
      mapped[own.nameOf(resource, 'reset')] = own.writeReset(waitMs, nowMs)
  }
  return mapped
}

/** Whole seconds, from the largest unit that is needed; below a second, milliseconds. */
function writeDuration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`
  const seconds = Math.ceil(ms / 1_000)
  const parts = [`${Math.floor(seconds / 3_600)}h`, `${Math.floor(seconds / 60) % 60}m`, `${seconds % 60}s`]
  return parts.slice(seconds >= 3_600 ? 0 : seconds >= 60 ? 1 : 2).join('')
}
