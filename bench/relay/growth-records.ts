import { hash } from 'node:crypto'

import type { UsageRecord } from '@relay/account-store'

/** The same for every run, so that two can be compared. */
export const FIRST_AT: number = Date.UTC(2026, 0, 1)
/** Records of a day. */
export const DAY_RECORDS = 100_000
const DAY_MS = 86_400_000
const MODELS = 20

/** Whose records they are. */
export interface Users {
  readonly keyIds: readonly string[]
  readonly accountIds: readonly string[]
}

/** One of the records of a store: keys, accounts and models take turns. */
export function usageRecord(index: number, { keyIds, accountIds }: Users): UsageRecord {
  const model = `model-${index % MODELS}`
  const key = index % keyIds.length
  const account = index % accountIds.length
  const accountId = accountIds[account] ?? ''
  const accountName = `account ${account}`
  const startedAt = FIRST_AT + Math.floor((index / DAY_RECORDS) * DAY_MS)
  return {
    requestId: requestId(startedAt, index),
    startedAt,
    keyId: keyIds[key] ?? '',
    keyName: `key ${key}`,
    owner: '',
    team: undefined,
    accountId,
    accountName,
    modelAsked: model,
    modelSent: model,
    modelServed: model,
    endpoint: '/v1/chat/completions',
    clientFormat: 'openai-chat',
    upstreamFormat: 'openai-chat',
    isStream: true,
    tokens: {
      inputTokens: 1000,
      cacheReadTokens: undefined,
      cacheWrite5mTokens: undefined,
      cacheWrite1hTokens: undefined,
      cacheWriteOtherTokens: undefined,
      outputTokens: 300,
      reasoningTokens: undefined,
    },
    usageSource: 'reported',
    extras: {},
    costMicroUsd: 3000,
    costSource: 'computed',
    serviceTier: undefined,
    status: 200,
    reason: 'completed',
    attempts: [{ accountId, accountName, status: 200, reason: 'completed', ms: 900 }],
    firstTokenMs: 200,
    durationMs: 900,
    losses: [],
    sessionId: undefined,
    client: 'bench',
    tags: {},
    upstreamRequestId: undefined,
    errorMessage: undefined,
    isDemo: false,
  }
}

/** As the relay makes them: the time, and what makes it unique. */
function requestId(at: number, index: number): string {
  return `req_${at.toString(16).padStart(12, '0')}${hash('sha1', String(index)).slice(0, 20)}`
}
