import { randomUUID } from 'node:crypto'

import type { FoundSession, IssuedSession, Session, SessionInput } from '../admin-user.ts'
import { checkNumber } from '../check-field.ts'
import { createToken, hashSecret } from '../crypto/key-hash.ts'
import { toAdminUser, toSession } from '../rows/admin-rows.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { SessionRoom } from '../store/session-room.ts'
import type { RedisContext } from './context.ts'
import { toPairs, toRow, toText } from './reply.ts'
import type { Transaction } from './transaction.ts'
import { transact } from './transaction.ts'

const DEFAULT_ABSOLUTE_MS = 7 * 86_400_000
const DEFAULT_IDLE_MS = 12 * 3_600_000
const LIFE_MS = { min: 1000, max: 365 * 86_400_000 }
/** The use of a session is noted at most this often. */
const SEEN_RESOLUTION_MS = 60_000
const MAX_TOKEN_CHARACTERS = 100
const MAX_FACT_CHARACTERS = 300

/**
 * Sessions in Redis.
 *
 * @param sessionKey - keys the hashes of tokens; fails when the store was opened without the secret
 */
export function createSessionRoom(context: RedisContext, sessionKey: () => Buffer): SessionRoom {
  const { link, keys, now } = context
  const digestOf = (token: string): string => hashSecret(sessionKey(), token).toString('hex')

  async function createSession(input: SessionInput): Promise<IssuedSession> {
    const absoluteMs = checkNumber('absoluteMs', input.absoluteMs ?? DEFAULT_ABSOLUTE_MS, LIFE_MS)
    const idleMs = checkNumber('idleMs', input.idleMs ?? DEFAULT_IDLE_MS, LIFE_MS)
    const token = createToken()
    const row = {
      id: randomUUID(),
      user_id: input.userId,
      created_at: now(),
      last_seen_at: now(),
      expires_at: now() + absoluteMs,
      idle_ms: idleMs,
      address: input.address?.slice(0, MAX_FACT_CHARACTERS) ?? null,
      user_agent: input.userAgent?.slice(0, MAX_FACT_CHARACTERS) ?? null,
    }
    const digest = digestOf(token)
    await transact(context, 'config-guard', async (transaction) => {
      if ((await transaction.get('adminUsers', input.userId)) === undefined) {
        throw new StoreError('not-found', `there is no admin user ${input.userId}`)
      }
      await removeDead(transaction, now())
      if (input.replaces !== undefined) await removeById(transaction, input.replaces)
      transaction.put('sessions', digest, JSON.stringify(row))
      transaction.put('sessionIds', row.id, digest)
    })
    return { session: toSession(row), token }
  }

  async function findSession(token: string): Promise<FoundSession | undefined> {
    if (token.length > MAX_TOKEN_CHARACTERS) return undefined
    const digest = digestOf(token)
    const row = await readRow(context, 'sessions', digest)
    if (row === undefined || !isLive(row, now())) return undefined
    const userRow = await readRow(context, 'adminUsers', readText(row, 'user_id'))
    const user = userRow === undefined ? undefined : toAdminUser(userRow)
    // A change of the user ends all sessions; one that was made in the same moment ends here.
    if (user?.enabled !== true) return undefined
    if (Math.abs(now() - readNumber(row, 'last_seen_at')) < SEEN_RESOLUTION_MS) return { session: toSession(row), user }
    const seen = await noteUse(context, digest)
    return seen === undefined ? undefined : { session: toSession(seen), user }
  }

  async function listSessions(userId: string): Promise<readonly Session[]> {
    sessionKey()
    const [rows] = await link.send(['HGETALL', keys.sessions])
    return toPairs(rows)
      .map(([, text]) => toRow(text))
      .filter((row) => row['user_id'] === userId && isLive(row, now()))
      .map(toSession)
      .toSorted((left, right) => right.createdAt - left.createdAt || (left.id < right.id ? -1 : 1))
  }

  async function removeSession(id: string): Promise<void> {
    sessionKey()
    await transact(context, 'config-guard', async (transaction) => removeById(transaction, id))
  }

  return { createSession, findSession, listSessions, removeSession }
}

async function readRow(
  { link, keys }: RedisContext,
  hash: 'sessions' | 'adminUsers',
  field: string,
): Promise<Row | undefined> {
  const [text] = await link.send(['HGET', keys[hash], field])
  const found = toText(text)
  return found === undefined ? undefined : toRow(found)
}

/** A transaction, so that the use of a session that ends meanwhile does not bring it back. */
async function noteUse(context: RedisContext, digest: string): Promise<Row | undefined> {
  return transact(context, 'config-guard', async (transaction) => {
    const text = await transaction.get('sessions', digest)
    if (text === undefined) return undefined
    const row = { ...toRow(text), last_seen_at: context.now() }
    transaction.put('sessions', digest, JSON.stringify(row))
    return row
  })
}

/** A session lives when neither limit has passed; one from the future was made before the clock was set back and is as good. */
function isLive(row: Row, nowMs: number): boolean {
  return readNumber(row, 'expires_at') > nowMs && readNumber(row, 'last_seen_at') + readNumber(row, 'idle_ms') > nowMs
}

async function removeDead(transaction: Transaction, nowMs: number): Promise<void> {
  for (const [digest, text] of await transaction.all('sessions')) {
    const row = toRow(text)
    if (isLive(row, nowMs)) continue
    transaction.remove('sessions', digest)
    transaction.remove('sessionIds', readText(row, 'id'))
  }
}

async function removeById(transaction: Transaction, id: string): Promise<void> {
  const digest = await transaction.get('sessionIds', id)
  if (digest === undefined) return
  transaction.remove('sessions', digest)
  transaction.remove('sessionIds', id)
}
