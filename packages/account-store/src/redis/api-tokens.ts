import { randomUUID } from 'node:crypto'

import type { ApiToken, ApiTokenInput, FoundApiToken, IssuedApiToken } from '../api-token.ts'
import { checkApiTokenInput } from '../api-token.ts'
import { createApiTokenSecret, hashSecret } from '../crypto/key-hash.ts'
import { toAdminUser, toApiToken } from '../rows/admin-rows.ts'
import { StoreError } from '../store-error.ts'
import type { ApiTokenRoom } from '../store/api-token-room.ts'
import type { RedisContext } from './context.ts'
import { toPairs, toRow, toText } from './reply.ts'
import type { Transaction } from './transaction.ts'
import { transact } from './transaction.ts'

/** The use of a token is noted at most this often. */
const USED_RESOLUTION_MS = 60_000
const MAX_SECRET_CHARACTERS = 100

/**
 * Tokens of the admin API in Redis.
 *
 * @param tokenKey - keys the hashes of secrets; fails when the store was opened without the session secret
 */
export function createApiTokenRoom(context: RedisContext, tokenKey: () => Buffer): ApiTokenRoom {
  const { link, keys, now } = context
  const digestOf = (secret: string): string => hashSecret(tokenKey(), secret).toString('hex')

  async function createApiToken(input: ApiTokenInput): Promise<IssuedApiToken> {
    const { name, userId, scopes, expiresAt } = checkApiTokenInput(input)
    const secret = createApiTokenSecret()
    const digest = digestOf(secret)
    const row = {
      id: randomUUID(),
      name,
      user_id: userId,
      scopes: JSON.stringify(scopes),
      secret_last_four: secret.slice(-4),
      created_at: now(),
      expires_at: expiresAt ?? null,
      last_used_at: null,
    }
    await transact(context, 'config-guard', async (transaction) => {
      if ((await transaction.get('adminUsers', userId)) === undefined) {
        throw new StoreError('not-found', `there is no admin user ${userId}`)
      }
      if ((await transaction.get('apiTokenNames', name)) !== undefined) {
        throw new StoreError('name-taken', `there is already a token "${name}"`)
      }
      transaction.put('apiTokens', digest, JSON.stringify(row))
      transaction.put('apiTokenNames', name, digest)
    })
    return { token: toApiToken(row), secret }
  }

  async function findApiToken(secret: string): Promise<FoundApiToken | undefined> {
    if (secret.length > MAX_SECRET_CHARACTERS) return undefined
    const digest = digestOf(secret)
    const text = toText((await link.send(['HGET', keys.apiTokens, digest]))[0])
    if (text === undefined) return undefined
    const token = toApiToken(toRow(text))
    const userText = toText((await link.send(['HGET', keys.adminUsers, token.userId]))[0])
    if (userText === undefined || !isUsable(token, now())) return undefined
    const user = toAdminUser(toRow(userText))
    return user.enabled ? { token: await noteUse(token, digest), user } : undefined
  }

  async function noteUse(token: ApiToken, digest: string): Promise<ApiToken> {
    if (token.lastUsedAt !== undefined && Math.abs(now() - token.lastUsedAt) < USED_RESOLUTION_MS) return token
    await transact(context, 'config-guard', async (transaction) => {
      // A transaction, so that the use of a token that is removed meanwhile does not bring it back.
      const text = await transaction.get('apiTokens', digest)
      if (text === undefined) return
      transaction.put('apiTokens', digest, JSON.stringify({ ...toRow(text), last_used_at: now() }))
    })
    return { ...token, lastUsedAt: now() }
  }

  async function listApiTokens(): Promise<readonly ApiToken[]> {
    tokenKey()
    const [rows] = await link.send(['HGETALL', keys.apiTokens])
    return toPairs(rows)
      .map(([, text]) => toApiToken(toRow(text)))
      .toSorted((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1))
  }

  async function removeApiToken(id: string): Promise<void> {
    tokenKey()
    await transact(context, 'config-guard', async (transaction) => removeById(transaction, id))
  }

  return { createApiToken, findApiToken, listApiTokens, removeApiToken }
}

function isUsable({ expiresAt }: ApiToken, nowMs: number): boolean {
  return expiresAt === undefined || expiresAt > nowMs
}

async function removeById(transaction: Transaction, id: string): Promise<void> {
  for (const [digest, text] of await transaction.all('apiTokens')) {
    const token = toApiToken(toRow(text))
    if (token.id !== id) continue
    transaction.remove('apiTokens', digest)
    transaction.remove('apiTokenNames', token.name)
    return
  }
  throw new StoreError('not-found', `there is no token ${id}`)
}
