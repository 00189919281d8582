import { randomUUID } from 'node:crypto'

import { ADMIN_ROLES } from '../admin-user.ts'
import type { AdminUser, AdminUserChange, AdminUserInput, LoginAnswer, LoginAttempt } from '../admin-user.ts'
import { checkBoolean, checkChoice, checkName, refuseField } from '../check-field.ts'
import { hashPassword, isPassword } from '../crypto/password-hash.ts'
import { createTurnstile } from '../crypto/turnstile.ts'
import { toAdminUser } from '../rows/admin-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { AdminRoom, PasswordChange } from '../store/admin-room.ts'
import type { StoreContext } from './context.ts'
import type { LoginAttempts } from './login-attempts.ts'

const PASSWORD_CHARACTERS = { min: 12, max: 256 }
const MAX_NAME_CHARACTERS = 64
/** Logins that may wait for their hash; a hash takes about 50 ms. */
const MAX_WAITING_LOGINS = 16
const WAIT_WHEN_CROWDED_MS = 1000

/**
 * Admin users in the embedded store.
 *
 * @param attempts - fails without the session secret, and with it every login
 */
export function createAdminRoom(context: StoreContext, attempts: LoginAttempts): AdminRoom {
  const { durable, now } = context
  const statements = prepareStatements(context)
  const logins = createTurnstile(MAX_WAITING_LOGINS)

  async function createAdminUser(input: AdminUserInput): Promise<AdminUser> {
    const name = checkName('name', input.name, MAX_NAME_CHARACTERS)
    const role = checkChoice('role', input.role ?? 'admin', ADMIN_ROLES)
    const hash = await hashPassword(checkPassword(input.password))
    const id = randomUUID()
    const row = durable.transaction(() => {
      if (statements.findByName.get({ name }) !== undefined) {
        throw new StoreError('name-taken', `there is already an admin user "${name}"`)
      }
      statements.insert.run({ id, name, role, hash, mustChange: input.mustChangePassword, now: now() })
      return requireUser(statements.find.get({ id }), id)
    })
    return toAdminUser(row)
  }

  async function checkLogin(attempt: LoginAttempt): Promise<LoginAnswer> {
    const retryAfterMs = attempts.begin(attempt)
    if (retryAfterMs > 0) return { type: 'throttled', retryAfterMs }
    const crowded: LoginAnswer = { type: 'throttled', retryAfterMs: WAIT_WHEN_CROWDED_MS }
    return (await logins.enter(() => comparePassword(attempt))) ?? crowded
  }

  async function comparePassword(attempt: LoginAttempt): Promise<LoginAnswer> {
    const row = statements.findByName.get({ name: attempt.name })
    const hash = row === undefined ? undefined : readText(row, 'password_hash')
    // A longer text than any password is not hashed as it is: its length must not cost time.
    const isRight = await isPassword(hash, attempt.password.slice(0, PASSWORD_CHARACTERS.max + 1))
    if (!isRight || row === undefined) return { type: 'refused' }
    const user = toAdminUser(row)
    if (!user.enabled) return { type: 'refused' }
    attempts.succeed(attempt)
    return { type: 'accepted', user }
  }

  async function setAdminPassword({ userId, password, mustChangePassword }: PasswordChange): Promise<AdminUser> {
    const hash = await hashPassword(checkPassword(password))
    const row = durable.transaction(() => {
      statements.setPassword.run({ id: userId, hash, mustChange: mustChangePassword ?? false, now: now() })
      statements.removeSessions.run({ id: userId })
      return requireUser(statements.find.get({ id: userId }), userId)
    })
    return toAdminUser(row)
  }

  return {
    createAdminUser,
    ...createUserChanges(context, statements),
    checkLogin,
    setAdminPassword,
    listAdminUsers: async () => statements.list.all().map(toAdminUser),
  }
}

function createUserChanges(
  { durable }: StoreContext,
  statements: ReturnType<typeof prepareStatements>,
): Pick<AdminRoom, 'updateAdminUser' | 'removeAdminUser'> {
  async function updateAdminUser(id: string, change: AdminUserChange): Promise<AdminUser> {
    return durable.transaction(() => {
      const user = toAdminUser(requireUser(statements.find.get({ id }), id))
      const role = checkChoice('role', change.role ?? user.role, ADMIN_ROLES)
      const enabled = checkBoolean('enabled', change.enabled ?? user.enabled)
      if (role !== 'admin' || !enabled) requireOtherAdmin(user)
      statements.update.run({ id, role, enabled })
      statements.removeSessions.run({ id })
      return { ...user, role, enabled }
    })
  }

  async function removeAdminUser(id: string): Promise<void> {
    durable.transaction(() => {
      requireOtherAdmin(toAdminUser(requireUser(statements.find.get({ id }), id)))
      statements.remove.run({ id })
    })
  }

  /** Whoever rules over the admins may only go when another one stays. */
  function requireOtherAdmin({ id, name }: AdminUser): void {
    if (statements.findOtherAdmin.get({ id }) !== undefined) return
    throw new StoreError('last-admin', `"${name}" is the last admin user who can sign in with the role admin`)
  }

  return { updateAdminUser, removeAdminUser }
}

function checkPassword(password: string): string {
  const { min, max } = PASSWORD_CHARACTERS
  if (typeof password !== 'string' || password.length < min || password.length > max) {
    refuseField('password', `must have ${min} to ${max} characters`)
  }
  return password
}

function requireUser(row: Row | undefined, id: string): Row {
  if (row === undefined) throw new StoreError('not-found', `there is no admin user ${id}`)
  return row
}

function prepareStatements({ durable }: StoreContext) {
  return {
    find: durable.prepare('SELECT * FROM admin_users WHERE id = :id'),
    findByName: durable.prepare('SELECT * FROM admin_users WHERE name = :name'),
    list: durable.prepare('SELECT * FROM admin_users ORDER BY created_at, id'),
    insert: durable.prepare(`
      INSERT INTO admin_users (id, name, role, password_hash, must_change_password, created_at, password_changed_at)
      VALUES (:id, :name, :role, :hash, :mustChange, :now, :now)`),
    setPassword: durable.prepare(`
      UPDATE admin_users SET password_hash = :hash, must_change_password = :mustChange, password_changed_at = :now
      WHERE id = :id`),
    update: durable.prepare('UPDATE admin_users SET role = :role, enabled = :enabled WHERE id = :id'),
    remove: durable.prepare('DELETE FROM admin_users WHERE id = :id'),
    findOtherAdmin: durable.prepare(
      `SELECT id FROM admin_users WHERE role = 'admin' AND enabled = 1 AND id <> :id LIMIT 1`,
    ),
    removeSessions: durable.prepare('DELETE FROM sessions WHERE user_id = :id'),
  }
}
