import type { Cooldown } from '../account.ts'
import type { CooldownRequest } from '../store/account-state-room.ts'
import { cooldownMs, isRunning } from './cooldown.ts'

/** A rate limit that lasts longer is looked at again after a week. */
const MAX_COOLDOWN_MS = 7 * 86_400_000

/** Cooldowns of one account that are kept; clients may ask for any model, and whoever ends first is forgotten first. */
export const MAX_COOLDOWNS = 200

/**
 * The cooldown after one more failure. Many requests that fail together are one strike: while a cooldown runs it can only get longer.
 *
 * @param before - the one that is or was there for this account × model
 * @param nowMs - milliseconds since the epoch
 */
export function nextCooldown(request: CooldownRequest, before: Cooldown | undefined, nowMs: number): Cooldown {
  const { model, cause } = request
  const askedMs =
    request.durationMs === undefined ? undefined : Math.min(MAX_COOLDOWN_MS, Math.max(0, request.durationMs))
  if (before !== undefined && isRunning(before, nowMs)) {
    const endsAt = Math.max(before.endsAt, nowMs + Math.ceil(askedMs ?? 0))
    return endsAt === before.endsAt ? before : { ...before, cause, endsAt }
  }
  const strikes = (before?.strikes ?? 0) + 1
  const durationMs = Math.ceil(askedMs ?? cooldownMs(cause, strikes, Math.random()))
  return { model, cause, strikes, startedAt: nowMs, endsAt: nowMs + durationMs }
}
