import type { UsageRecord } from '@relay/account-store'

/** The same for every run, so that two can be compared. */
const FIRST_AT = Date.UTC(2026, 0, 1)
/** Records of a month, whatever their number. */
const SPAN_MS = 30 * 86_400_000
const MODELS = 20

/** One of the records of a store: keys, accounts and models take turns. */
export function usageRecord(
  index: number,
  { accounts, keys, records }: { readonly accounts: number; readonly keys: number; readonly records: number },
): UsageRecord {
  const model = `model-${index % MODELS}`
  const accountId = `account-${index % accounts}`
  return {
    requestId: `req-${index}`,
    startedAt: FIRST_AT + Math.floor((index / records) * SPAN_MS),
    keyId: `key-${index % keys}`,
    keyName: `key ${index % keys}`,
    owner: '',
    team: undefined,
    accountId,
    accountName: accountId,
    modelAsked: model,
    modelSent: model,
    modelServed: model,
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
    attempts: [{ accountId, accountName: accountId, status: 200, reason: 'completed', ms: 900 }],
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
