import { ownKeySchema, ownModelsSchema, ownUsageSchema } from '@relay/server/admin-contract'
import type { OwnKey, OwnUsage } from '@relay/server/admin-contract'

import { ApiError } from './api-error.ts'

/** What a key holder sees of the own key. */
export interface OwnStats {
  readonly key: OwnKey
  readonly usage: OwnUsage
  readonly models: readonly string[]
}

const TIMEOUT_MS = 20_000

/**
 * Asks for the numbers of one key. The key goes into a header, and nowhere else: not into the address, not into storage.
 *
 * @throws ApiError `not-signed-in` when the relay does not know the key; its message is the relay's own text
 */
export async function readOwnStats(secret: string, timeZone: string): Promise<OwnStats> {
  const [key, usage, models] = await Promise.all([
    ask('/v1/relay/key', secret, ownKeySchema),
    ask(`/v1/relay/key/usage?days=30&time_zone=${encodeURIComponent(timeZone)}`, secret, ownUsageSchema),
    ask('/v1/models', secret, ownModelsSchema).catch(() => ({ data: [] })), // numbers are shown without the models, too
  ])
  return { key, usage, models: models.data.map(({ id }) => id) }
}

interface Schema<Value> {
  safeParse(input: unknown): { success: true; data: Value } | { success: false }
}

async function ask<Value>(path: string, secret: string, schema: Schema<Value>): Promise<Value> {
  let response: Response
  let content: unknown
  try {
    response = await fetch(path, {
      headers: { authorization: `Bearer ${secret}`, accept: 'application/json' },
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    content = JSON.parse(await response.text())
  } catch (error) {
    throw ApiError.from(error)
  }
  if (response.status === 401 || response.status === 403) throw new ApiError('not-signed-in')
  if (!response.ok) throw new ApiError('store-unavailable')
  const parsed = schema.safeParse(content)
  if (!parsed.success) throw new ApiError('unreadable-answer')
  return parsed.data
}
