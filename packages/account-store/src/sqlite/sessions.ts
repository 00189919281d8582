import { randomUUID } from 'node:crypto'

import type { FoundSession, IssuedSession, Session, SessionInput } from '../admin-user.ts'
import { checkNumber } from '../check-field.ts'
import { createToken, hashSecret, isSameDigest } from '../crypto/key-hash.ts'
import { toAdminUser, toSession } from '../rows/admin-rows.ts'
import { readBytes } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { SessionRoom } from '../store/session-room.ts'
import type { StoreContext } from './context.ts'

const DEFAULT_ABSOLUTE_MS = 7 * 86_400_000
const DEFAULT_IDLE_MS = 12 * 3_600_000
const LIFE_MS = { min: 1000, max: 365 * 86_400_000 }
/** The use of a session is noted at most this often. */
const SEEN_RESOLUTION_MS = 60_000
const MAX_TOKEN_CHARACTERS = 100
const MAX_FACT_CHARACTERS = 300

/** A session lives when neither limit has passed; one from the future was made before the clock was set back and is as good. */
const IS_LIVE = 'expires_at > :now AND last_seen_at + idle_ms > :now'

/**
 * Sessions in the embedded store.
 *
 * @param sessionKey - keys the hashes of tokens; fails when the store was opened without the secret
 */
export function createSessionRoom(context: StoreContext, sessionKey: () => Buffer): SessionRoom {
  const { durable, now } = context
  const statements = prepareStatements(context)

  async function createSession(input: SessionInput): Promise<IssuedSession> {
    const absoluteMs = checkNumber('absoluteMs', input.absoluteMs ?? DEFAULT_ABSOLUTE_MS, LIFE_MS)
    const idleMs = checkNumber('idleMs', input.idleMs ?? DEFAULT_IDLE_MS, LIFE_MS)
    const token = createToken()
    const digest = hashSecret(sessionKey(), token)
    const row = durable.transaction(() => {
      if (statements.findUser.get({ id: input.userId }) === undefined) {
        throw new StoreError('not-found', `there is no admin user ${input.userId}`)
      }
      statements.removeDead.run({ now: now() })
      if (input.replaces !== undefined) statements.remove.run({ id: input.replaces })
      statements.insert.run({
        digest,
        id: randomUUID(),
        userId: input.userId,
        now: now(),
        expiresAt: now() + absoluteMs,
        idleMs,
        address: input.address?.slice(0, MAX_FACT_CHARACTERS),
        userAgent: input.userAgent?.slice(0, MAX_FACT_CHARACTERS),
      })
      return statements.find.get({ digest, now: now() })
    })
    if (row === undefined)
      throw new StoreError('store-damaged', 'a new session could not be read back; restore a backup')
    return { session: toSession(row), token }
  }

  async function findSession(token: string): Promise<FoundSession | undefined> {
    if (token.length > MAX_TOKEN_CHARACTERS) return undefined
    const digest = hashSecret(sessionKey(), token)
    const row = statements.find.get({ digest, now: now() })
    if (row === undefined || !isSameDigest(readBytes(row, 'digest'), digest)) return undefined
    const session = toSession(row)
    const user = statements.findUser.get({ id: session.userId })
    // A change of the user ends all sessions; one that was made in the same moment ends here.
    if (user === undefined || !toAdminUser(user).enabled) return undefined
    if (Math.abs(now() - session.lastSeenAt) < SEEN_RESOLUTION_MS) return { session, user: toAdminUser(user) }
    statements.touch.run({ id: session.id, now: now() })
    return { session: { ...session, lastSeenAt: now() }, user: toAdminUser(user) }
  }

  async function listSessions(userId: string): Promise<readonly Session[]> {
    sessionKey()
    return statements.list.all({ userId, now: now() }).map(toSession)
  }

  async function removeSession(id: string): Promise<void> {
    sessionKey()
    durable.transaction(() => statements.remove.run({ id }))
  }

  return { createSession, findSession, listSessions, removeSession }
}

function prepareStatements({ durable, fast }: StoreContext) {
  return {
    findUser: durable.prepare('SELECT * FROM admin_users WHERE id = :id'),
    find: durable.prepare(`SELECT * FROM sessions WHERE digest = :digest AND ${IS_LIVE}`),
    list: durable.prepare(`SELECT * FROM sessions WHERE user_id = :userId AND ${IS_LIVE} ORDER BY created_at DESC, id`),
    insert: durable.prepare(`
      INSERT INTO sessions (digest, id, user_id, created_at, last_seen_at, expires_at, idle_ms, address, user_agent)
      VALUES (:digest, :id, :userId, :now, :now, :expiresAt, :idleMs, :address, :userAgent)`),
    touch: fast.prepare('UPDATE sessions SET last_seen_at = :now WHERE id = :id'),
    remove: durable.prepare('DELETE FROM sessions WHERE id = :id'),
    removeDead: durable.prepare(`DELETE FROM sessions WHERE NOT (${IS_LIVE})`),
  }
}
