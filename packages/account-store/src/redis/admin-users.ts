import { randomUUID } from 'node:crypto'

import { ADMIN_ROLES } from '../admin-user.ts'
import type { AdminUser, AdminUserInput, LoginAnswer, LoginAttempt } from '../admin-user.ts'
import { checkChoice, checkName, refuseField } from '../check-field.ts'
import { hashPassword, isPassword } from '../crypto/password-hash.ts'
import { createTurnstile } from '../crypto/turnstile.ts'
import { toAdminUser } from '../rows/admin-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { AdminRoom, PasswordChange } from '../store/admin-room.ts'
import { createUserChanges, removeSessionsOf } from './admin-user-changes.ts'
import type { RedisContext } from './context.ts'
import type { LoginAttempts } from './login-attempts.ts'
import { toPairs, toRow, toText } from './reply.ts'
import { transact } from './transaction.ts'

const PASSWORD_CHARACTERS = { min: 12, max: 256 }
const MAX_NAME_CHARACTERS = 64
/** Logins that may wait for their hash; a hash takes about 50 ms. */
const MAX_WAITING_LOGINS = 16
const WAIT_WHEN_CROWDED_MS = 1000

/**
 * Admin users in Redis.
 *
 * @param attempts - fails without the session secret, and with it every login
 */
export function createAdminRoom(context: RedisContext, attempts: LoginAttempts): AdminRoom {
  const { now } = context
  const logins = createTurnstile(MAX_WAITING_LOGINS)

  async function createAdminUser(input: AdminUserInput): Promise<AdminUser> {
    const name = checkName('name', input.name, MAX_NAME_CHARACTERS)
    const hash = await hashPassword(checkPassword(input.password))
    const row = {
      id: randomUUID(),
      name,
      role: checkChoice('role', input.role ?? 'admin', ADMIN_ROLES),
      enabled: 1,
      password_hash: hash,
      must_change_password: input.mustChangePassword ? 1 : 0,
      created_at: now(),
      password_changed_at: now(),
    }
    await transact(context, 'config-guard', async (transaction) => {
      if ((await transaction.get('adminNames', name.toLowerCase())) !== undefined) {
        throw new StoreError('name-taken', `there is already an admin user "${name}"`)
      }
      transaction.put('adminUsers', row.id, JSON.stringify(row))
      transaction.put('adminNames', name.toLowerCase(), row.id)
    })
    return toAdminUser(row)
  }

  async function checkLogin(attempt: LoginAttempt): Promise<LoginAnswer> {
    const retryAfterMs = await attempts.begin(attempt)
    if (retryAfterMs > 0) return { type: 'throttled', retryAfterMs }
    const crowded: LoginAnswer = { type: 'throttled', retryAfterMs: WAIT_WHEN_CROWDED_MS }
    return (await logins.enter(() => comparePassword(attempt))) ?? crowded
  }

  async function comparePassword(attempt: LoginAttempt): Promise<LoginAnswer> {
    const row = await findByName(context, attempt.name)
    const hash = row === undefined ? undefined : readText(row, 'password_hash')
    // A longer text than any password is not hashed as it is: its length must not cost time.
    const isRight = await isPassword(hash, attempt.password.slice(0, PASSWORD_CHARACTERS.max + 1))
    if (!isRight || row === undefined) return { type: 'refused' }
    const user = toAdminUser(row)
    if (!user.enabled) return { type: 'refused' }
    await attempts.succeed(attempt)
    return { type: 'accepted', user }
  }

  async function setAdminPassword({ userId, password, mustChangePassword }: PasswordChange): Promise<AdminUser> {
    const hash = await hashPassword(checkPassword(password))
    return transact(context, 'config-guard', async (transaction) => {
      const text = await transaction.get('adminUsers', userId)
      if (text === undefined) throw new StoreError('not-found', `there is no admin user ${userId}`)
      const row = {
        ...toRow(text),
        password_hash: hash,
        must_change_password: mustChangePassword === true ? 1 : 0,
        password_changed_at: now(),
      }
      transaction.put('adminUsers', userId, JSON.stringify(row))
      await removeSessionsOf(transaction, userId)
      return toAdminUser(row)
    })
  }

  async function listAdminUsers(): Promise<readonly AdminUser[]> {
    const [rows] = await context.link.send(['HGETALL', context.keys.adminUsers])
    return toPairs(rows)
      .map(([, text]) => toAdminUser(toRow(text)))
      .toSorted((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1))
  }

  return { createAdminUser, checkLogin, setAdminPassword, listAdminUsers, ...createUserChanges(context) }
}

async function findByName({ link, keys }: RedisContext, name: string): Promise<Row | undefined> {
  const id = toText((await link.send(['HGET', keys.adminNames, name.toLowerCase()]))[0])
  if (id === undefined) return undefined
  const text = toText((await link.send(['HGET', keys.adminUsers, id]))[0])
  return text === undefined ? undefined : toRow(text)
}

function checkPassword(password: string): string {
  const { min, max } = PASSWORD_CHARACTERS
  if (typeof password !== 'string' || password.length < min || password.length > max) {
    refuseField('password', `must have ${min} to ${max} characters`)
  }
  return password
}
