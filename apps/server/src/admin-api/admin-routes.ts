import { randomBytes } from 'node:crypto'

import type { AdminUser, AuditObject } from '@relay/account-store'

import { refuse } from './admin-answer.ts'
import {
  adminChangeSchema,
  adminInputSchema,
  adminListSchema,
  adminSchema,
  adminWithPasswordSchema,
} from './contract/index.ts'
import type { Admin } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** Bytes of a one-time password: 128 bits, as 22 characters. */
const PASSWORD_BYTES = 16

/** Who may sign in. For people only: a program that could make admins would be one. */
export function addAdminRoutes(router: AdminRouter): void {
  addListRoutes(router)
  addChangeRoutes(router)
}

function addListRoutes({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/admins',
      summary: 'Lists who may sign in.',
      role: 'admin',
      scope: 'people-only',
      answer: adminListSchema,
    },
    async () => ({ admins: (await store.listAdminUsers()).map(toAdmin) }),
  )
  add(
    {
      method: 'POST',
      path: '/admins',
      summary: 'Adds someone with a one-time password, which is in this answer only.',
      role: 'admin',
      scope: 'people-only',
      body: adminInputSchema,
      answer: adminWithPasswordSchema,
    },
    async ({ body, note }) => {
      const oneTimePassword = createPassword()
      const user = await store.createAdminUser({ ...body, password: oneTimePassword, mustChangePassword: true })
      await note({ action: 'admin.create', object: toObject(user), after: { role: user.role } })
      return { admin: toAdmin(user), oneTimePassword }
    },
  )
}

function addChangeRoutes({ rooms: { store }, add }: AdminRouter): void {
  const find = async (id: string): Promise<AdminUser | undefined> =>
    (await store.listAdminUsers()).find((user) => user.id === id)

  add(
    {
      method: 'PATCH',
      path: '/admins/:id',
      summary: 'Changes the role, or switches someone off or on; ends all sessions of that person.',
      role: 'admin',
      scope: 'people-only',
      body: adminChangeSchema,
      answer: adminSchema,
    },
    async ({ body, part, note }) => {
      const before = await find(part('id'))
      const user = await store.updateAdminUser(part('id'), body)
      await note({ action: 'admin.update', object: toObject(user), before, after: user })
      return toAdmin(user)
    },
  )
  add(
    {
      method: 'POST',
      path: '/admins/:id/password',
      summary: 'Sets a new one-time password, which is in this answer only; ends all sessions of that person.',
      role: 'admin',
      scope: 'people-only',
      answer: adminWithPasswordSchema,
    },
    async ({ context, caller, part, note }) => {
      if (part('id') === caller.userId) {
        const message = 'Your own password is changed with the current one, at /session/password.'
        return refuse(context, { code: 'invalid-request', message })
      }
      const oneTimePassword = createPassword()
      const change = { userId: part('id'), password: oneTimePassword, mustChangePassword: true }
      const user = await store.setAdminPassword(change)
      await note({ action: 'admin.reset-password', object: toObject(user) })
      return { admin: toAdmin(user), oneTimePassword }
    },
  )
  add(
    {
      method: 'DELETE',
      path: '/admins/:id',
      summary: 'Removes someone with all sessions and tokens.',
      role: 'admin',
      scope: 'people-only',
      answer: adminListSchema,
    },
    async ({ part, note }) => {
      const user = await find(part('id'))
      await store.removeAdminUser(part('id'))
      if (user !== undefined)
        await note({ action: 'admin.remove', object: toObject(user), before: { role: user.role } })
      return { admins: (await store.listAdminUsers()).map(toAdmin) }
    },
  )
}

function createPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url')
}

function toObject({ id, name }: AdminUser): AuditObject {
  return { kind: 'admin', id, name }
}

function toAdmin(user: AdminUser): Admin {
  return { ...user }
}
