import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'

import type { AccountInput } from '../account.ts'
import type { StoreErrorCode } from '../store-error.ts'
import { StoreError } from '../store-error.ts'
import type { AccountStore } from '../store/account-store.ts'
import type { UsageRecord } from '../usage-record.ts'

/** One fresh, empty data set, reached through two handles; for a backend that cannot be shared both are the same. */
export interface OpenedStores {
  readonly first: AccountStore
  readonly second: AccountStore
  /** The key that both were opened with. */
  readonly encryptionKey: string
  /** Opens the data set once more, with this key; not there for one that is gone when it is closed. */
  readonly reopen?: ((encryptionKey: string) => Promise<AccountStore>) | undefined
  /** Opens another, empty data set. */
  readonly another: () => Promise<AccountStore>
  /** Closes both and removes the data set. */
  close(): Promise<void>
}

/**
 * Opens stores on a fresh data set.
 *
 * @param now - the clock the stores have to use
 */
export type OpenStores = (now: () => number) => Promise<OpenedStores>

/** A clock that stands still until it is moved. */
export interface ManualClock {
  now(): number
  /** @param ms - may be negative: clocks are set back, too */
  move(ms: number): void
}

/** What a case plays on. */
export interface Stage extends Omit<OpenedStores, 'close'> {
  readonly clock: ManualClock
}

/** One promise of the port, as a sentence, and its proof. */
export interface StoreCase {
  readonly name: string
  readonly play: (stage: Stage) => Promise<void>
}

/** What the stores of a suite open sessions with has to be set by whoever opens them; passwords come from here. */
export const PASSWORD = 'a password of some length'

/** Changes of one process reach all others within this time. */
const PROPAGATION_MS = 1000

/** Makes a clock that shows 14 November 2023. */
export function createManualClock(): ManualClock {
  let time = 1_700_000_000_000
  return {
    now: () => time,
    move: (ms) => {
      time += ms
    },
  }
}

/** Waits until something has become true on another node; fails after a second. */
export async function soon(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PROPAGATION_MS
  while (!(await isTrue())) {
    assert.ok(performance.now() < deadline, `not true within ${PROPAGATION_MS} ms`)
    await wait(20)
  }
}

/** Expects a promise to be rejected with this code; returns the message. */
export async function expectCode(code: StoreErrorCode, promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(StoreError.is(outcome), `expected StoreError ${code}, got ${String(outcome)}`)
  assert.equal(outcome.code, code)
  return outcome.message
}

/** An account input with all that is needed. */
export function accountInput(fields: Partial<AccountInput> = {}): AccountInput {
  return { name: 'main', type: 'openai-chat', baseUrl: 'https://upstream.example', ...fields }
}

/** A record of a completed request. */
export function usageRecord(fields: Partial<UsageRecord> = {}): UsageRecord {
  return {
    requestId: 'request-1',
    startedAt: 1_700_000_000_000,
    keyId: 'key-1',
    keyName: 'team key',
    owner: 'admin',
    team: undefined,
    accountId: 'account-1',
    accountName: 'main',
    modelAsked: 'claude-sonnet-4-5',
    modelSent: 'gpt-5.2',
    modelServed: 'gpt-5.2',
    endpoint: '/v1/messages',
    clientFormat: 'anthropic-messages',
    upstreamFormat: 'openai-chat',
    isStream: true,
    tokens: {
      inputTokens: 10,
      cacheReadTokens: 20,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: undefined,
      cacheWriteOtherTokens: undefined,
      outputTokens: 30,
      reasoningTokens: undefined,
    },
    usageSource: 'reported',
    extras: {},
    costMicroUsd: 1234,
    costSource: 'computed',
    serviceTier: undefined,
    status: 200,
    reason: 'completed',
    attempts: [{ accountId: 'account-1', accountName: 'main', status: 200, reason: 'completed', ms: 120 }],
    firstTokenMs: 80,
    durationMs: 1500,
    losses: [{ code: 'param_unsupported', level: 'degraded', path: '/top_k', message: 'top_k has no counterpart' }],
    sessionId: 'session-1',
    client: 'test-client/1.0',
    tags: {},
    upstreamRequestId: undefined,
    errorMessage: undefined,
    isDemo: false,
    ...fields,
  }
}
