import type { AccountState, Cooldown } from '../account.ts'

/** First cooldown; each further strike doubles it (reliability 4.3). */
const FIRST_COOLDOWN_MS = 2000
/** Longest cooldown that Relay itself decides on. */
const LONGEST_COOLDOWN_MS = 120_000
/** A rate limit without a readable retry-after. */
const RATE_LIMIT_COOLDOWN_MS = 30_000
/** ±20 %, so that accounts which failed together do not come back together. */
const JITTER = 0.2
/** How far the clocks of two nodes may differ before a cooldown from the future is taken for a clock step. */
const CLOCK_SKEW_MS = 5000

/**
 * How long an account × model rests.
 *
 * @param strikes - how often in a row it failed, 1 for the first time
 * @param random - from 0 up to but not including 1
 * @returns milliseconds: 2 s doubling to 120 s, ±20 %; 30 s for every rate limit
 */
export function cooldownMs(cause: Cooldown['cause'], strikes: number, random: number): number {
  if (cause === 'rate-limited') return RATE_LIMIT_COOLDOWN_MS
  const doubled = Math.min(LONGEST_COOLDOWN_MS, FIRST_COOLDOWN_MS * 2 ** Math.min(strikes - 1, 30))
  return Math.round(doubled * (1 - JITTER + 2 * JITTER * random))
}

/**
 * The cooldown that keeps an account from serving a model now; the one that ends last when several do.
 *
 * @param model - as sent to the upstream
 * @param nowMs - milliseconds since the epoch
 */
export function runningCooldown(state: AccountState, model: string, nowMs: number): Cooldown | undefined {
  let latest: Cooldown | undefined
  for (const cooldown of state.cooldowns) {
    const isMeant = cooldown.model === model || cooldown.model === '*' || model === '*'
    const isLater = latest === undefined || cooldown.endsAt > latest.endsAt
    if (isMeant && isLater && isRunning(cooldown, nowMs)) latest = cooldown
  }
  return latest
}

/**
 * Tells whether an account has yet to prove itself at a model: it rested, and no success has cleared that. One request
 * tries it then, the others wait for how that ends (reliability 4.4).
 *
 * @param model - as sent to the upstream
 */
export function awaitsProbe(state: AccountState, model: string, nowMs: number): boolean {
  return state.cooldowns.some(
    (cooldown) => (cooldown.model === model || cooldown.model === '*') && !isRunning(cooldown, nowMs),
  )
}

/**
 * Tells whether a success ends a cooldown: one of that model or of the whole account that is over. While one runs, only
 * requests that were sent before it can succeed, and they say nothing of what came after them.
 */
export function isEndedBySuccess(cooldown: Cooldown, model: string, nowMs: number): boolean {
  return (cooldown.model === model || cooldown.model === '*') && !isRunning(cooldown, nowMs)
}

/** Tells whether a cooldown lasts now. One that seems to start in the future was made before the clock was set back, and is over. */
export function isRunning(cooldown: Cooldown, nowMs: number): boolean {
  return cooldown.endsAt > nowMs && cooldown.startedAt <= nowMs + CLOCK_SKEW_MS
}
