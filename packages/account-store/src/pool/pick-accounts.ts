import type { Account } from '../account.ts'
import type { RelayKeyPermissions } from '../relay-key.ts'
import { awaitsProbe, runningCooldown } from './cooldown.ts'
import { fitsPattern } from './fits-pattern.ts'
import { mayServe } from './may-serve.ts'
import { orderAccounts, type OrderFacts } from './order-accounts.ts'
import { spentQuota } from './spent-quota.ts'

/** The facts by which accounts are ranked; a snapshot, nothing is read or written. */
export interface PickRequest extends OrderFacts {
  /** Every account of the store. */
  readonly accounts: readonly Account[]
  /** The model to send to an account, by its model map; `undefined` = the account does not serve what is asked for. */
  readonly upstreamModel: (account: Account) => string | undefined
  /** The model that is looked for, before an account's own map. */
  readonly model: string
  /** What the relay key may use. */
  readonly permissions: Pick<RelayKeyPermissions, 'accounts' | 'groups'>
  /** Ids of the accounts that were tried for this request already. */
  readonly triedAccounts: ReadonlySet<string>
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
  /** It still rests, until this time in milliseconds since the epoch: whoever ranks further may ask it where nobody else is left. */
  readonly restsUntil?: number | undefined
}

/** Why an account may not serve the request. */
export type RejectionReason =
  | 'disabled'
  | 'not-schedulable'
  | 'expired'
  | 'not-allowed'
  | 'model-not-served'
  | 'tried'
  | 'needs-attention'
  | 'cooling-down'
  | 'quota-used-up'
  | 'at-capacity'
  /** Whoever ranks the candidates further may leave some out for what the request contains. */
  | 'no-images'
  | 'no-files'
  | 'no-web-search'
  | 'no-server-tools'
  | 'prompt-too-long'
  /** Another account holds the conversation that the request goes on with. */
  | 'elsewhere'
  /** The request cannot be carried to it. */
  | 'cannot-carry'

/** An account that may not serve the request, and why. */
export interface Rejection {
  readonly account: Account
  readonly reason: RejectionReason
  /** When it is over, milliseconds since the epoch; only with `cooling-down` and `quota-used-up`. */
  readonly until: number | undefined
}

/** All accounts, sorted out. */
export interface Ranking {
  /** Best first. */
  readonly candidates: readonly Candidate[]
  readonly rejected: readonly Rejection[]
}

/**
 * Ranks the accounts that may serve a request, see {@link orderAccounts}.
 */
export function pickAccounts(request: PickRequest): Ranking {
  const candidates: Candidate[] = []
  const rejected: Rejection[] = []
  for (const account of request.accounts) {
    const verdict = judge(account, request)
    if ('upstreamModel' in verdict) candidates.push(verdict)
    else rejected.push(verdict)
  }
  return { candidates: orderAccounts(candidates, request), rejected }
}

function judge(account: Account, request: PickRequest): Candidate | Rejection {
  const upstreamModel = request.upstreamModel(account)
  const reject = (reason: RejectionReason, until?: number): Rejection => ({ account, reason, until })
  const refusal = lastingRefusal(account, request)
  if (refusal !== undefined) return reject(refusal)
  if (upstreamModel === undefined || !allowsModel(account, request.model)) return reject('model-not-served')
  if (request.triedAccounts.has(account.id)) return reject('tried')
  const passing = passingRefusal({ account, upstreamModel }, request)
  if (passing !== undefined) return reject(passing.reason, passing.until)
  return { account, upstreamModel, awaitsProbe: awaitsProbe(account.state, upstreamModel, request.nowMs) }
}

function lastingRefusal(account: Account, { permissions, nowMs }: PickRequest): RejectionReason | undefined {
  if (!account.enabled) return 'disabled'
  if (!account.schedulable) return 'not-schedulable'
  if (account.expiresAt !== undefined && account.expiresAt <= nowMs) return 'expired'
  return mayServe(account, permissions) ? undefined : 'not-allowed'
}

function allowsModel({ allowedModels }: Account, model: string): boolean {
  return allowedModels === undefined || allowedModels.some((pattern) => fitsPattern(pattern, model))
}

/** Why an account is out for a while. */
function passingRefusal(
  { account, upstreamModel }: Pick<Candidate, 'account' | 'upstreamModel'>,
  { inFlight, nowMs }: PickRequest,
): Pick<Rejection, 'reason' | 'until'> | undefined {
  const { state, maxConcurrency } = account
  if (state.attention !== undefined) return { reason: 'needs-attention', until: undefined }
  const cooldown = runningCooldown(state, upstreamModel, nowMs)
  if (cooldown !== undefined) return { reason: 'cooling-down', until: cooldown.endsAt }
  const spent = spentQuota(account, nowMs)
  if (spent !== undefined) return { reason: 'quota-used-up', until: spent.resetsAt }
  const isFull = maxConcurrency > 0 && inFlight(account.id) >= maxConcurrency
  return isFull ? { reason: 'at-capacity', until: undefined } : undefined
}
