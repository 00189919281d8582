import type { AccountStore, RelayKey, UsageSums } from '@relay/account-store'

import { authenticate } from '../auth/authenticate.ts'
import { knownTimeZone } from '../config/time-zone.ts'
import { ServerError } from '../server-error.ts'
import { type HttpContext, lookUp, type LookupRooms } from './look-up.ts'

const DAY_MS = 24 * 3_600_000
const MAX_DAYS = 90
const DEFAULT_DAYS = 30

/** What of its own usage a key holder asks for. */
interface AskedUsage {
  readonly days: number
  readonly timeZone: string
}

/** `GET /v1/relay/key/usage`: what the key that was shown has used, by day and by model; nobody else's numbers are in it. */
export function createRelayKeyUsageHandler(rooms: LookupRooms): (context: HttpContext) => Promise<Response> {
  return (context) =>
    lookUp(context, async (incoming) => {
      const key = await authenticate(rooms, incoming)
      const days = readDays(context.req.query('days'))
      return describeUsage(rooms.store, key, { days, timeZone: readZone(context.req.query('time_zone')) })
    })
}

async function describeUsage(store: AccountStore, key: RelayKey, { days, timeZone }: AskedUsage): Promise<object> {
  const filter = { keyId: key.id, from: Date.now() - days * DAY_MS }
  const [byDay, byModel] = await Promise.all([
    store.breakDownUsage({ filter, span: 'day', timeZone }),
    store.breakDownUsage({ filter, group: 'model-asked' }),
  ])
  return {
    object: 'relay.key.usage',
    days: byDay.map(({ startsAt, sums }) => ({ starts_at: new Date(startsAt ?? 0).toISOString(), ...writeSums(sums) })),
    models: byModel.map(({ group, sums }) => ({ model: group ?? null, ...writeSums(sums) })),
  }
}

function writeSums({ requests, requestsFailed, requestsWithoutCost, tokens, costMicroUsd }: UsageSums): object {
  return {
    requests,
    requests_failed: requestsFailed,
    requests_without_cost: requestsWithoutCost,
    input_tokens: tokens.inputTokens,
    cache_read_tokens: tokens.cacheReadTokens,
    output_tokens: tokens.outputTokens,
    cost_usd: costMicroUsd / 1_000_000,
  }
}

function readDays(text: string | undefined): number {
  const days = text === undefined ? DEFAULT_DAYS : Number(text)
  if (Number.isSafeInteger(days) && days >= 1 && days <= MAX_DAYS) return days
  throw new ServerError('invalid_request', `days must be a whole number from 1 to ${MAX_DAYS}`, { param: 'days' })
}

function readZone(text: string | undefined): string {
  const zone = text === undefined ? 'UTC' : knownTimeZone(text.slice(0, 100))
  if (zone !== undefined) return zone
  throw new ServerError('invalid_request', 'time_zone must be the IANA name of a time zone', { param: 'time_zone' })
}
