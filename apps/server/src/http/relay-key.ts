import type { AccountStore, BoundState, RelayKey } from '@relay/account-store'
import { relayKeyEnd } from '@relay/account-store'

import { authenticate } from '../auth/authenticate.ts'
import { type HttpContext, lookUp, type LookupRooms } from './look-up.ts'

/** `GET /v1/relay/key`: what the key that was shown may do, and what it has used. */
export function createRelayKeyHandler(rooms: LookupRooms): (context: HttpContext) => Promise<Response> {
  return (context) =>
    lookUp(context, async (incoming) => {
      const key = await authenticate(rooms, incoming)
      return describeKey(rooms.store, key)
    })
}

async function describeKey(store: AccountStore, key: RelayKey): Promise<object> {
  const [sums, bounds, rejections] = await Promise.all([
    store.sumUsage({ keyId: key.id }),
    store.readBounds(key),
    store.countRejections({ keyId: key.id }),
  ])
  return {
    object: 'relay.key',
    name: key.name,
    owner: key.owner,
    team: key.team ?? null,
    permissions: {
      formats: key.permissions.formats ?? 'all',
      models: key.permissions.models ?? 'all',
      addresses: key.permissions.addresses ?? 'all',
    },
    expires_at: timeOf(relayKeyEnd(key)),
    expires_after_first_use_seconds:
      key.expiresAfterFirstUseMs === undefined ? null : Math.floor(key.expiresAfterFirstUseMs / 1000),
    loss_policy: key.lossPolicy,
    keeps_responses_seconds: key.responseTtlMs === 0 ? null : Math.floor(key.responseTtlMs / 1000),
    limits: { concurrency: concurrencyOf(bounds), bounds: bounds.map(describeBound) },
    used: {
      requests: sums.requests,
      requests_rejected: rejections.reduce((sum, { count }) => sum + count, 0),
      input_tokens: sums.tokens.inputTokens,
      cache_read_tokens: sums.tokens.cacheReadTokens,
      cache_write_tokens:
        sums.tokens.cacheWrite5mTokens + sums.tokens.cacheWrite1hTokens + sums.tokens.cacheWriteOtherTokens,
      output_tokens: sums.tokens.outputTokens,
      cost_usd: sums.costMicroUsd / 1_000_000,
      requests_without_usage: sums.requestsWithoutUsage,
      requests_estimated: sums.requestsEstimated,
      requests_without_cost: sums.requestsWithoutCost,
    },
  }
}

function timeOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}

/** The key's own slots. */
function concurrencyOf(bounds: readonly BoundState[]): object | null {
  const own = bounds.find(({ holder, bound }) => holder.kind === 'key' && bound.type === 'concurrency')
  return own === undefined ? null : { max: own.limit, in_use: own.used }
}

/** One bound of the key, its owner or its team; costs in US dollars. */
function describeBound({ holder, bound, limit, used, reserved, resetsAt }: BoundState): object {
  const isCost = bound.type === 'budget' || (bound.type === 'window' && bound.counts === 'cost')
  const amount = (value: number): number => (isCost ? value / 1_000_000 : value)
  return {
    of: holder.kind,
    ...describeKind(bound),
    limit: amount(limit),
    used: amount(used),
    reserved: amount(reserved),
    resets_at: timeOf(resetsAt),
  }
}

function describeKind(bound: BoundState['bound']): object {
  switch (bound.type) {
    case 'concurrency':
      return { counts: 'requests_at_once' }
    case 'window':
      return { counts: bound.counts === 'cost' ? 'cost_usd' : bound.counts, window_seconds: bound.windowMs / 1000 }
    case 'budget':
      return { counts: 'cost_usd', period: bound.period, time_zone: bound.timeZone }
  }
}
