import type { UpstreamTimeouts } from '../upstream.ts'
import type { ExchangeTimeouts } from './upstream-call.ts'

/** The limits of `UpstreamTimeouts` unless an account says otherwise. */
export const defaultTimeouts: UpstreamTimeouts = {
  connectMs: 10_000,
  streamHeadersMs: 60_000,
  wholeHeadersMs: 600_000,
  firstEventMs: 120_000,
  idleMs: 120_000,
  totalMs: 3_600_000,
}

/** Fills the limits that an account leaves open; a value that is not a finite number ≥ 0 counts as left open. */
export function resolveTimeouts(own: Readonly<Partial<UpstreamTimeouts>> | undefined): UpstreamTimeouts {
  return {
    connectMs: limit(own?.connectMs, defaultTimeouts.connectMs),
    streamHeadersMs: limit(own?.streamHeadersMs, defaultTimeouts.streamHeadersMs),
    wholeHeadersMs: limit(own?.wholeHeadersMs, defaultTimeouts.wholeHeadersMs),
    firstEventMs: limit(own?.firstEventMs, defaultTimeouts.firstEventMs),
    idleMs: limit(own?.idleMs, defaultTimeouts.idleMs),
    totalMs: limit(own?.totalMs, defaultTimeouts.totalMs),
  }
}

/** The limits of one exchange of an account: a whole answer may think longer before its headers than a stream. */
export function exchangeTimeouts(
  own: Readonly<Partial<UpstreamTimeouts>> | undefined,
  isStream: boolean,
): ExchangeTimeouts {
  const { connectMs, streamHeadersMs, wholeHeadersMs, idleMs, totalMs } = resolveTimeouts(own)
  return { connectMs, headersMs: isStream ? streamHeadersMs : wholeHeadersMs, idleMs, totalMs }
}

/** Node's timers hold 31 bits; a longer wait would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

function limit(own: number | undefined, fallback: number): number {
  return own !== undefined && Number.isFinite(own) && own >= 0 ? Math.min(own, LONGEST_TIMER_MS) : fallback
}
