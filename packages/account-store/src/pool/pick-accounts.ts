import type { Account, AccountApiFormat } from '../account.ts'
import { DEFAULT_API_FORMATS } from '../account.ts'
import type { WireFormat } from '../wire-format.ts'
import { awaitsProbe, runningCooldown } from './cooldown.ts'

/** The facts by which accounts are ranked; a snapshot, nothing is read or written. */
export interface PickRequest {
  /** Every account of the store. */
  readonly accounts: readonly Account[]
  /** The model to send to an account, by its model map; `undefined` = the account does not serve what is asked for. */
  readonly upstreamModel: (account: Account) => string | undefined
  /** The format the client speaks. */
  readonly clientFormat: WireFormat
  /** Ids of the accounts the relay key may use; `undefined` = all. */
  readonly allowedAccounts: readonly string[] | undefined
  /** Ids of the accounts that were tried for this request already. */
  readonly triedAccounts: ReadonlySet<string>
  /** Requests of this process that an account is serving now. */
  readonly inFlight: (accountId: string) => number
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

/** An account that may serve the request. */
export interface Candidate {
  readonly account: Account
  /** The model as sent to this upstream. */
  readonly upstreamModel: string
  /** It rested and has yet to prove itself: one request at a time may try it. */
  readonly awaitsProbe: boolean
}

/** Why an account may not serve the request. */
export type RejectionReason =
  | 'disabled'
  | 'not-schedulable'
  | 'not-allowed'
  | 'model-not-served'
  | 'tried'
  | 'needs-attention'
  | 'cooling-down'
  | 'at-capacity'

/** An account that may not serve the request, and why. */
export interface Rejection {
  readonly account: Account
  readonly reason: RejectionReason
  /** When a cooldown ends, milliseconds since the epoch; only with `cooling-down`. */
  readonly until: number | undefined
}

/** All accounts, sorted out. */
export interface Ranking {
  /** Best first. */
  readonly candidates: readonly Candidate[]
  readonly rejected: readonly Rejection[]
}

const API_FORMAT_OF: Readonly<Record<WireFormat, AccountApiFormat | undefined>> = {
  'anthropic-messages': 'claude',
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
  gemini: undefined,
}

/**
 * Ranks the accounts that may serve a request.
 *
 * Order: lower priority number, then the client's own format, then least in flight for its weight, then the order of `accounts`.
 */
export function pickAccounts(request: PickRequest): Ranking {
  const candidates: Candidate[] = []
  const rejected: Rejection[] = []
  for (const account of request.accounts) {
    const verdict = judge(account, request)
    if ('upstreamModel' in verdict) candidates.push(verdict)
    else rejected.push(verdict)
  }
  return { candidates: candidates.toSorted((left, right) => compare(left.account, right.account, request)), rejected }
}

/** Tells whether an account can be asked in the client's own format, so that nothing has to be converted. */
export function isNative(account: Account, clientFormat: WireFormat): boolean {
  const format = API_FORMAT_OF[clientFormat]
  if (format === undefined || format === 'auto') return false
  if (account.apiFormat !== 'auto') return account.apiFormat === format
  return account.formatBaseUrls[format] !== undefined || DEFAULT_API_FORMATS[account.type] === format
}

function judge(account: Account, request: PickRequest): Candidate | Rejection {
  const upstreamModel = request.upstreamModel(account)
  const reject = (reason: RejectionReason, until?: number): Rejection => ({ account, reason, until })
  const refusal = lastingRefusal(account, request)
  if (refusal !== undefined) return reject(refusal)
  if (upstreamModel === undefined) return reject('model-not-served')
  if (request.triedAccounts.has(account.id)) return reject('tried')
  if (account.state.attention !== undefined) return reject('needs-attention')
  const cooldown = runningCooldown(account.state, upstreamModel, request.nowMs)
  if (cooldown !== undefined) return reject('cooling-down', cooldown.endsAt)
  const isFull = account.maxConcurrency > 0 && request.inFlight(account.id) >= account.maxConcurrency
  if (isFull) return reject('at-capacity')
  return { account, upstreamModel, awaitsProbe: awaitsProbe(account.state, upstreamModel, request.nowMs) }
}

function lastingRefusal(account: Account, request: PickRequest): RejectionReason | undefined {
  if (!account.enabled) return 'disabled'
  if (!account.schedulable) return 'not-schedulable'
  const isAllowed = request.allowedAccounts === undefined || request.allowedAccounts.includes(account.id)
  return isAllowed ? undefined : 'not-allowed'
}

function compare(left: Account, right: Account, request: PickRequest): number {
  const byPriority = left.priority - right.priority
  if (byPriority !== 0) return byPriority
  const byFormat = Number(isNative(right, request.clientFormat)) - Number(isNative(left, request.clientFormat))
  if (byFormat !== 0) return byFormat
  return request.inFlight(left.id) / left.weight - request.inFlight(right.id) / right.weight
}
