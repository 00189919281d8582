import type { Account, AccountStore, Candidate } from '@relay/account-store'
import { classifyFailure, type FailureDecision } from '@relay/upstreams'

import type { Log } from '../observe/log.ts'
import type { FailedAttempt } from './attempt.ts'
import { createCredentials, type OpenCredential } from './credentials.ts'
import type { Leases } from './leases.ts'

/** A place at an account, held while a request is with it. */
export interface AccountSlot {
  /** Gives the place back; calling it twice does no harm. */
  readonly leave: () => void
}

/** What this process knows of the accounts while it serves. */
export interface AccountPool {
  /** @throws StoreError when the store cannot be read */
  list(): Promise<readonly Account[]>
  /** Requests of this process at an account now. */
  readonly inFlight: (accountId: string) => number
  /** `undefined` when the account serves as many requests as it may. */
  enter(account: Account): Promise<AccountSlot | undefined>
  readonly credentialOf: OpenCredential
  /** Notes a success. */
  praise(candidate: Candidate): void
  /** Notes a failure, sends the account to rest where that is due, and says what the request does next. */
  blame(failed: BlamedAttempt): FailureDecision
}

export interface BlamedAttempt {
  readonly candidate: Candidate
  readonly outcome: FailedAttempt
  /** The other accounts that could take the request. */
  readonly others: readonly Candidate[]
  readonly attemptsHere: number
}

interface AccountPoolInit {
  readonly store: AccountStore
  readonly leases: Leases
  readonly log: Log
}

export function createAccountPool({ store, leases, log }: AccountPoolInit): AccountPool {
  const counts = new Map<string, number>()
  const inFlight = (accountId: string): number => counts.get(accountId) ?? 0
  const noteLater = (note: Promise<unknown>): void => {
    note.catch((error: unknown) => log.warn({ error }, 'what happened to an account could not be noted'))
  }

  function count(accountId: string, change: number): void {
    const next = inFlight(accountId) + change
    if (next > 0) counts.set(accountId, next)
    else counts.delete(accountId)
  }

  async function enter(account: Account): Promise<AccountSlot | undefined> {
    const lease = await leases.take({ kind: 'account', id: account.id }, account.maxConcurrency)
    if (lease === undefined) return undefined
    count(account.id, 1)
    let isLeft = false
    const leave = (): void => {
      if (isLeft) return
      isLeft = true
      count(account.id, -1)
      lease.release()
    }
    return { leave }
  }

  return {
    list: () => store.listAccounts(),
    inFlight,
    enter,
    credentialOf: createCredentials(store, log),
    praise: ({ account, upstreamModel }) => noteLater(store.recordAccountSuccess(account.id, upstreamModel)),
    blame: (failed) => {
      const decision = classify(failed)
      for (const note of noteFailure(store, failed, decision)) noteLater(note)
      return decision
    },
  }
}

function classify({ candidate, outcome, others, attemptsHere }: BlamedAttempt): FailureDecision {
  const cooldown = candidate.account.state.cooldowns.find(({ model }) => model === candidate.upstreamModel)
  return classifyFailure(outcome.evidence, {
    isCommitted: false,
    hasOtherAccount: others.length > 0,
    attemptsHere,
    strikes: cooldown?.strikes ?? 0,
    nowMs: Date.now(),
    random: Math.random,
  })
}

function noteFailure(store: AccountStore, failed: BlamedAttempt, decision: FailureDecision): Promise<unknown>[] {
  const { candidate, outcome } = failed
  const { id } = candidate.account
  const { kind, message } = outcome.failure
  const { attention, cooldown } = decision
  if (attention === undefined && cooldown === undefined) return [] // the request's own fault
  const nowMs = Date.now()
  const notes: Promise<unknown>[] = [
    store.recordAccountError(id, { at: nowMs, status: outcome.status, reason: kind, message }),
  ]
  if (attention !== undefined) notes.push(store.setAttention(id, { since: nowMs, reason: attention, message }))
  if (cooldown !== undefined) notes.push(startCooldown(store, failed, cooldown))
  return notes
}

/** A rate limit rests as long as the upstream said; anything else as the store's strikes say, and never the last account. */
function startCooldown(
  store: AccountStore,
  { candidate, others }: BlamedAttempt,
  cooldown: NonNullable<FailureDecision['cooldown']>,
): Promise<unknown> {
  const { cause, untilMs } = cooldown
  const place = { accountId: candidate.account.id, model: candidate.upstreamModel, cause }
  if (cause === 'rate-limited') return store.startCooldown({ ...place, durationMs: Math.max(0, untilMs - Date.now()) })
  const alternatives = others.map((other) => ({ accountId: other.account.id, model: other.upstreamModel }))
  return store.startCooldown({ ...place, alternatives })
}
