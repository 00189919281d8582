import type { AccountStore, RelayKey } from '@relay/account-store'
import type { Context } from 'hono'

import { authenticate } from '../auth/authenticate.ts'
import { lookUp, type LookupRooms } from './look-up.ts'

/** `GET /v1/relay/key`: what the key that was shown may do, and what it has used. */
export function createRelayKeyHandler(rooms: LookupRooms): (context: Context) => Promise<Response> {
  return (context) =>
    lookUp(context, async (headers) => {
      const key = await authenticate(rooms.store, headers)
      return describeKey(rooms.store, key)
    })
}

async function describeKey(store: AccountStore, key: RelayKey): Promise<object> {
  const [sums, inUse] = await Promise.all([
    store.sumUsage({ keyId: key.id }),
    store.countLeases({ kind: 'relay-key', id: key.id }),
  ])
  return {
    object: 'relay.key',
    name: key.name,
    owner: key.owner,
    team: key.team ?? null,
    permissions: { formats: key.permissions.formats ?? 'all', models: key.permissions.models ?? 'all' },
    expires_at: key.expiresAt === undefined ? null : new Date(key.expiresAt).toISOString(),
    loss_policy: key.lossPolicy,
    keeps_responses_seconds: key.responseTtlMs === 0 ? null : Math.floor(key.responseTtlMs / 1000),
    limits: { concurrency: key.maxConcurrency === 0 ? null : { max: key.maxConcurrency, in_use: inUse } },
    used: {
      requests: sums.requests,
      input_tokens: sums.tokens.inputTokens,
      cache_read_tokens: sums.tokens.cacheReadTokens,
      cache_write_tokens:
        sums.tokens.cacheWrite5mTokens + sums.tokens.cacheWrite1hTokens + sums.tokens.cacheWriteOtherTokens,
      output_tokens: sums.tokens.outputTokens,
      cost_usd: sums.costMicroUsd / 1_000_000,
      requests_without_usage: sums.requestsWithoutUsage,
      requests_without_cost: sums.requestsWithoutCost,
    },
  }
}
