import { ADMIN_ROLES } from '../admin-user.ts'
import type { AdminUser, AdminUserChange } from '../admin-user.ts'
import { checkBoolean, checkChoice } from '../check-field.ts'
import { toAdminUser } from '../rows/admin-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { AdminRoom } from '../store/admin-room.ts'
import type { RedisContext } from './context.ts'
import { toRow } from './reply.ts'
import type { Transaction } from './transaction.ts'
import { transact } from './transaction.ts'

/** What may happen to an admin user later. */
export function createUserChanges(context: RedisContext): Pick<AdminRoom, 'updateAdminUser' | 'removeAdminUser'> {
  async function updateAdminUser(id: string, change: AdminUserChange): Promise<AdminUser> {
    return transact(context, 'config-guard', async (transaction) => {
      const row = await requireUser(transaction, id)
      const user = toAdminUser(row)
      const role = checkChoice('role', change.role ?? user.role, ADMIN_ROLES)
      const enabled = checkBoolean('enabled', change.enabled ?? user.enabled)
      if (role !== 'admin' || !enabled) await requireOtherAdmin(transaction, user)
      transaction.put('adminUsers', id, JSON.stringify({ ...row, role, enabled: Number(enabled) }))
      await removeSessionsOf(transaction, id)
      return { ...user, role, enabled }
    })
  }

  async function removeAdminUser(id: string): Promise<void> {
    await transact(context, 'config-guard', async (transaction) => {
      const user = toAdminUser(await requireUser(transaction, id))
      await requireOtherAdmin(transaction, user)
      transaction.remove('adminUsers', id)
      transaction.remove('adminNames', user.name.toLowerCase())
      await removeSessionsOf(transaction, id)
      for (const [digest, row] of await rowsOf(transaction, 'apiTokens', id)) {
        transaction.remove('apiTokens', digest)
        transaction.remove('apiTokenNames', readText(row, 'name'))
      }
    })
  }

  return { updateAdminUser, removeAdminUser }
}

/** Ends all sessions of a user. */
export async function removeSessionsOf(transaction: Transaction, userId: string): Promise<void> {
  for (const [digest, row] of await rowsOf(transaction, 'sessions', userId)) {
    transaction.remove('sessions', digest)
    transaction.remove('sessionIds', readText(row, 'id'))
  }
}

async function rowsOf(
  transaction: Transaction,
  hash: 'sessions' | 'apiTokens',
  userId: string,
): Promise<readonly (readonly [digest: string, row: Row])[]> {
  const all = [...(await transaction.all(hash))].map(([digest, text]) => [digest, toRow(text)] as const)
  return all.filter(([, row]) => row['user_id'] === userId)
}

async function requireUser(transaction: Transaction, id: string): Promise<Row> {
  const text = await transaction.get('adminUsers', id)
  if (text === undefined) throw new StoreError('not-found', `there is no admin user ${id}`)
  return toRow(text)
}

/** Whoever rules over the admins may only go when another one stays. */
async function requireOtherAdmin(transaction: Transaction, { id, name }: AdminUser): Promise<void> {
  const users = [...(await transaction.all('adminUsers')).values()].map((text) => toAdminUser(toRow(text)))
  if (users.some((user) => user.role === 'admin' && user.enabled && user.id !== id)) return
  throw new StoreError('last-admin', `"${name}" is the last admin user who can sign in with the role admin`)
}
