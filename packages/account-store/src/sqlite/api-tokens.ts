import { randomUUID } from 'node:crypto'

import type { ApiToken, ApiTokenInput, FoundApiToken, IssuedApiToken } from '../api-token.ts'
import { checkApiTokenInput } from '../api-token.ts'
import { createApiTokenSecret, hashSecret, isSameDigest } from '../crypto/key-hash.ts'
import { toAdminUser, toApiToken } from '../rows/admin-rows.ts'
import { readBytes } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { ApiTokenRoom } from '../store/api-token-room.ts'
import type { StoreContext } from './context.ts'

/** The use of a token is noted at most this often. */
const USED_RESOLUTION_MS = 60_000
const MAX_SECRET_CHARACTERS = 100

/**
 * Tokens of the admin API in the embedded store.
 *
 * @param tokenKey - keys the hashes of secrets; fails when the store was opened without the session secret
 */
export function createApiTokenRoom(context: StoreContext, tokenKey: () => Buffer): ApiTokenRoom {
  const { durable, now } = context
  const statements = prepareStatements(context)

  async function createApiToken(input: ApiTokenInput): Promise<IssuedApiToken> {
    const { name, userId, scopes, expiresAt } = checkApiTokenInput(input)
    const secret = createApiTokenSecret()
    const digest = hashSecret(tokenKey(), secret)
    const id = randomUUID()
    const row = durable.transaction(() => {
      if (statements.findUser.get({ id: userId }) === undefined)
        throw new StoreError('not-found', `there is no admin user ${userId}`)
      if (statements.findByName.get({ name }) !== undefined)
        throw new StoreError('name-taken', `there is already a token "${name}"`)
      const lastFour = secret.slice(-4)
      statements.insert.run({
        digest,
        id,
        name,
        userId,
        scopes: JSON.stringify(scopes),
        lastFour,
        now: now(),
        expiresAt,
      })
      return statements.find.get({ digest })
    })
    if (row === undefined) throw new StoreError('store-damaged', 'a new token could not be read back; restore a backup')
    return { token: toApiToken(row), secret }
  }

  async function findApiToken(secret: string): Promise<FoundApiToken | undefined> {
    if (secret.length > MAX_SECRET_CHARACTERS) return undefined
    const digest = hashSecret(tokenKey(), secret)
    const row = statements.find.get({ digest })
    if (row === undefined || !isSameDigest(readBytes(row, 'digest'), digest)) return undefined
    const token = toApiToken(row)
    const user = statements.findUser.get({ id: token.userId })
    if (user === undefined || !isUsable(token, now())) return undefined
    const found = toAdminUser(user)
    if (!found.enabled) return undefined
    return { token: noteUse(token), user: found }
  }

  function noteUse(token: ApiToken): ApiToken {
    if (token.lastUsedAt !== undefined && Math.abs(now() - token.lastUsedAt) < USED_RESOLUTION_MS) return token
    statements.touch.run({ id: token.id, now: now() })
    return { ...token, lastUsedAt: now() }
  }

  return {
    createApiToken,
    findApiToken,
    listApiTokens: async () => {
      tokenKey()
      return statements.list.all().map(toApiToken)
    },
    removeApiToken: async (id) => {
      tokenKey()
      durable.transaction(() => {
        if (statements.remove.run({ id }) === 0) throw new StoreError('not-found', `there is no token ${id}`)
      })
    },
  }
}

function isUsable({ expiresAt }: ApiToken, nowMs: number): boolean {
  return expiresAt === undefined || expiresAt > nowMs
}

function prepareStatements({ durable, fast }: StoreContext) {
  return {
    findUser: durable.prepare('SELECT * FROM admin_users WHERE id = :id'),
    find: durable.prepare('SELECT * FROM api_tokens WHERE digest = :digest'),
    findByName: durable.prepare('SELECT id FROM api_tokens WHERE name = :name'),
    list: durable.prepare('SELECT * FROM api_tokens ORDER BY created_at, id'),
    insert: durable.prepare(`
      INSERT INTO api_tokens (digest, id, name, user_id, scopes, secret_last_four, created_at, expires_at)
      VALUES (:digest, :id, :name, :userId, :scopes, :lastFour, :now, :expiresAt)`),
    touch: fast.prepare('UPDATE api_tokens SET last_used_at = :now WHERE id = :id'),
    remove: durable.prepare('DELETE FROM api_tokens WHERE id = :id'),
  }
}
