import type { Bound, BoundState } from '@relay/account-store'

import { ServerError } from '../server-error.ts'

/** Agents sleep as long as they are told: what takes longer is said in words, and ends them. */
const LONGEST_WAIT_MS = 60_000
/** When a running request ends, nobody knows. */
const RUNNING_WAIT_MS = 1_000

/**
 * What a client is told when a limit keeps it out: to come back soon where that helps, else that it is over until a certain time.
 *
 * @param nowMs - milliseconds since the epoch
 */
export function limitError(met: BoundState, nowMs: number): ServerError {
  const waitMs = waitOf(met, nowMs)
  const message = describeLimit(met)
  if (waitMs !== undefined) {
    return new ServerError('rate_limit', `${message}; try again in ${Math.ceil(waitMs / 1000)} s`, {
      retryAfterMs: waitMs,
    })
  }
  const end = met.resetsAt === undefined ? 'it does not reset' : `it resets at ${new Date(met.resetsAt).toISOString()}`
  return new ServerError('billing', `${message}; ${end}`)
}

/** The word under which a rejection is counted. */
export function limitReason({ bound }: BoundState): string {
  if (bound.type === 'window') return bound.counts
  return bound.type === 'concurrency' ? 'concurrency' : 'cost'
}

/** `undefined` when waiting for so long makes no sense. */
function waitOf({ bound, limit, used, resetsAt }: BoundState, nowMs: number): number | undefined {
  if (bound.type === 'concurrency') return RUNNING_WAIT_MS
  // Something is left: running requests hold it, and give back what they do not use.
  if (used < limit) return RUNNING_WAIT_MS
  if (resetsAt === undefined) return undefined
  const waitMs = Math.max(1_000, resetsAt - nowMs)
  return waitMs <= LONGEST_WAIT_MS ? waitMs : undefined
}

function describeLimit({ holder, bound, limit, used, reserved }: BoundState): string {
  const whose =
    holder.kind === 'key' ? 'this relay key' : `the ${holder.kind} ${JSON.stringify(holder.name.slice(0, 100))}`
  if (bound.type === 'concurrency') return `${whose} serves ${limit} requests at once and all of them are running`
  const amount = (value: number): string =>
    countsCost(bound) ? `${(value / 1_000_000).toFixed(6)} USD` : String(value)
  const held = reserved > 0 ? ` and ${amount(reserved)} is reserved by running requests` : ''
  // A request is estimated before it is let in: a long one may find too little where a short one would find enough.
  const state = used + reserved < limit ? 'has no room left for this request' : 'is used up'
  return `the limit of ${whose} of ${amount(limit)}${unitOf(bound)} ${spanOf(bound)} ${state}: ${amount(used)} used${held}`
}

function countsCost(bound: Bound): boolean {
  return bound.type === 'budget' || (bound.type === 'window' && bound.counts === 'cost')
}

function unitOf(bound: Bound): string {
  return bound.type === 'window' && bound.counts !== 'cost' ? ` ${bound.counts}` : ''
}

function spanOf(bound: Bound): string {
  switch (bound.type) {
    case 'concurrency':
      return 'at once'
    case 'window':
      return `in ${bound.windowMs / 1000} s`
    case 'budget':
      return bound.period === 'total' ? 'in total' : `a ${bound.period} (${bound.timeZone})`
  }
}
