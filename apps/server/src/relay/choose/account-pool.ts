import type { Account, AccountStore, Candidate, CooldownPolicy } from '@relay/account-store'
import { DEFAULT_COOLDOWN_POLICY } from '@relay/account-store'
import { classifyFailure, type FailureDecision } from '@relay/upstreams'

import type { Log } from '../../observe/log.ts'
import { createSeldomWarning } from '../../observe/seldom-warning.ts'
import { withoutQuotes } from '../../observe/without-quotes.ts'
import type { FailedAttempt } from '../attempt.ts'
import type { LiveRequest } from '../live-request.ts'
import { createCredentials, type OpenCredential } from './credentials.ts'
import type { HeldQuota, Leases } from './leases.ts'
import { createProbeDesk, type ProbeDesk } from './probe-desk.ts'
import { createUpstreamRoutes, type OpenRoute } from './upstream-routes.ts'

/** A place at an account, held while a request is with it. */
export interface AccountSlot {
  /** Gives the place back; calling it twice does no harm. */
  readonly leave: () => void
  /** Where the account has a daily quota: what was held against it is held until this tells what was spent. */
  readonly quota: HeldQuota | undefined
}

/** What this process knows of the accounts while it serves. */
export interface AccountPool {
  /** @throws StoreError when the store cannot be read */
  list(): Promise<readonly Account[]>
  /** Requests of this process at an account now. */
  readonly inFlight: (accountId: string) => number
  /** When this process used an account last, in monotonic milliseconds; 0 = never. */
  readonly lastUsedAt: (accountId: string) => number
  /**
   * `full`: the account serves as many requests as it may, or what is left of its daily quota is taken by those that run;
   * `probed`: another request is finding out whether it is well again.
   *
   * @param mayCost - micro-USD at most; asked for only where the account has a daily quota
   */
  enter(candidate: Candidate, mayCost: () => number): Promise<AccountSlot | 'full' | 'probed'>
  readonly credentialOf: OpenCredential
  readonly routeOf: OpenRoute
  /** Parameters that the upstream does not take for this model, as far as that is known. */
  refusedParameters(candidate: Candidate): readonly string[]
  /** Notes a success, and what had to be left out for it. */
  praise(candidate: Candidate, refusedParameters?: readonly string[]): void
  /** Notes a failure, sends the account to rest where that is due, and says what the request does next. */
  blame(failed: BlamedAttempt): FailureDecision
}

export interface BlamedAttempt {
  readonly live: LiveRequest
  readonly candidate: Candidate
  readonly outcome: FailedAttempt
  /** The other accounts that could take the request. */
  readonly others: readonly Candidate[]
  /** One that rests after a failure is asked where nobody else is left. */
  readonly hasRestingAccount?: boolean
  readonly attemptsHere: number
  /** Another model may be asked for when this one's accounts are used up. */
  readonly hasFallback?: boolean
}

interface AccountPoolInit {
  readonly store: AccountStore
  readonly leases: Leases
  readonly log: Log
}

export function createAccountPool({ store, leases, log }: AccountPoolInit): AccountPool {
  const counts = new Map<string, number>()
  const usedAt = new Map<string, number>()
  const probes = createProbeDesk(leases)
  const inFlight = (accountId: string): number => counts.get(accountId) ?? 0
  const warnOfNote = createSeldomWarning(log, 'what happened to an account could not be noted')
  const noteLater = (note: Promise<unknown>): void => {
    note.catch(warnOfNote)
  }

  function count(accountId: string, change: number): void {
    const next = inFlight(accountId) + change
    if (next > 0) counts.set(accountId, next)
    else counts.delete(accountId)
  }

  async function enter(candidate: Candidate, mayCost: () => number): Promise<AccountSlot | 'full' | 'probed'> {
    const { account } = candidate
    const probe = await probes.enter(candidate)
    if (probe === undefined) return 'probed'
    const isCounted = account.dailyQuota !== undefined
    const quota = isCounted ? await leases.takeWithQuota(account, mayCost()) : undefined
    const lease = isCounted ? quota : await leases.take({ kind: 'account', id: account.id }, account.maxConcurrency)
    if (lease === undefined) {
      probe.release()
      return 'full'
    }
    count(account.id, 1)
    usedAt.set(account.id, performance.now())
    let isLeft = false
    const leave = (): void => {
      if (isLeft) return
      isLeft = true
      count(account.id, -1)
      if ('release' in lease) lease.release()
      probe.release()
    }
    return { leave, quota }
  }

  return {
    list: () => store.listAccounts(),
    inFlight,
    lastUsedAt: (accountId) => usedAt.get(accountId) ?? 0,
    enter,
    credentialOf: createCredentials(store, log),
    routeOf: createUpstreamRoutes(store, log),
    refusedParameters: refusedParametersOf,
    praise: (candidate, refusedParameters = []) => {
      const { account, upstreamModel: model } = candidate
      probes.noteSuccess(candidate)
      for (const parameter of refusedParameters) noteLater(store.noteRefusedParameter(account.id, { model, parameter }))
      noteLater(store.recordAccountSuccess(candidate.account.id, candidate.upstreamModel))
    },
    blame: (failed) => {
      const decision = classify(failed)
      for (const note of noteFailure({ store, probes }, failed, decision)) noteLater(note)
      return decision
    },
  }
}

function classify(attempt: BlamedAttempt): FailureDecision {
  const { candidate, outcome, others, attemptsHere, hasFallback, hasRestingAccount } = attempt
  const cooldown = candidate.account.state.cooldowns.find(({ model }) => model === candidate.upstreamModel)
  return classifyFailure(outcome.evidence, {
    isCommitted: false,
    hasOtherAccount: others.length > 0 || hasFallback === true,
    hasRestingAccount,
    attemptsHere,
    strikes: cooldown?.strikes ?? 0,
    nowMs: Date.now(),
    random: Math.random,
    rests: candidate.account.cooldownPolicy,
  })
}

interface NoteRooms {
  readonly store: AccountStore
  readonly probes: ProbeDesk
}

function noteFailure(rooms: NoteRooms, failed: BlamedAttempt, decision: FailureDecision): Promise<unknown>[] {
  const { store, probes } = rooms
  const { candidate, outcome } = failed
  const { id } = candidate.account
  const { kind } = outcome.failure
  const { attention, cooldown } = decision
  if (attention === undefined && cooldown === undefined) {
    if (outcome.status !== undefined) probes.noteSuccess(candidate) // it answers: the request is at fault
    return []
  }
  const nowMs = Date.now()
  const message = withoutQuotes(wordsForOperator(outcome), failed.live.facts.asked)
  const notes: Promise<unknown>[] = [
    store.recordAccountError(id, { at: nowMs, status: outcome.status, reason: kind, message }),
  ]
  if (attention !== undefined) notes.push(store.setAttention(id, { since: nowMs, reason: attention, message }))
  if (cooldown !== undefined) notes.push(startCooldown(rooms, failed, cooldown))
  return notes
}

/** Of trouble on the wire clients are told no host and no library's code; whoever mends the account needs them. */
function wordsForOperator({ evidence, failure }: FailedAttempt): string {
  return evidence.source === 'transport' ? evidence.failure.message : failure.message
}

/**
 * A rate limit rests as long as the upstream said; anything else as the store's strikes say, or the account's own times,
 * and never the last account.
 */
async function startCooldown(
  { store, probes }: NoteRooms,
  { candidate, outcome, others }: BlamedAttempt,
  cooldown: NonNullable<FailureDecision['cooldown']>,
): Promise<unknown> {
  const { cause, untilMs } = cooldown
  const { isOn } = candidate.account.cooldownPolicy
  if (!isOn && outcome.failure.retryAfterMs === undefined) return undefined
  const durationMs = Math.max(0, untilMs - Date.now())
  const place = { accountId: candidate.account.id, model: candidate.upstreamModel, cause }
  if (cause === 'rate-limited') return store.startCooldown({ ...place, durationMs })
  const alternatives = others.map((other) => ({ accountId: other.account.id, model: other.upstreamModel }))
  const ownMs = isUsual(candidate.account.cooldownPolicy) ? undefined : durationMs
  const started = await store.startCooldown({ ...place, alternatives, durationMs: ownMs })
  if (started === undefined) probes.noteStrike(candidate)
  return started
}

function isUsual({ firstMs, longestMs }: CooldownPolicy): boolean {
  return firstMs === DEFAULT_COOLDOWN_POLICY.firstMs && longestMs === DEFAULT_COOLDOWN_POLICY.longestMs
}

/** The parameters that an account is known to refuse for the model it is asked for. */
export function refusedParametersOf({ account, upstreamModel }: Candidate): readonly string[] {
  return account.state.refusedParameters
    .filter(({ model }) => model === upstreamModel)
    .map(({ parameter }) => parameter)
}
