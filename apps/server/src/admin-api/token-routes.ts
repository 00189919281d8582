import type { AdminUser, ApiToken } from '@relay/account-store'

import { refuse } from './admin-answer.ts'
import type { Caller } from './caller.ts'
import { apiTokenInputSchema, apiTokenListSchema, issuedApiTokenSchema } from './contract/index.ts'
import type { ApiTokenView } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

const DAY_MS = 86_400_000

/** Tokens for programs. People make them for themselves; a token cannot make another. */
export function addTokenRoutes({ rooms: { store }, add }: AdminRouter): void {
  async function listFor(caller: Caller): Promise<{ tokens: ApiTokenView[] }> {
    const users = await store.listAdminUsers()
    const tokens = await store.listApiTokens()
    return { tokens: tokens.filter((token) => isFor(token, caller)).map((token) => toView(token, users)) }
  }

  add(
    {
      method: 'GET',
      path: '/tokens',
      summary: 'Lists the own tokens; those of everybody for the role admin.',
      role: 'auditor',
      scope: 'people-only',
      answer: apiTokenListSchema,
    },
    async ({ caller }) => listFor(caller),
  )
  add(
    {
      method: 'POST',
      path: '/tokens',
      summary: 'Makes a token that acts for its maker, within its scopes; the secret is in this answer only.',
      role: 'auditor',
      scope: 'people-only',
      body: apiTokenInputSchema,
      answer: issuedApiTokenSchema,
    },
    async ({ body: { name, scopes, expiresInDays }, caller, note }) => {
      const expiresAt = expiresInDays === undefined ? undefined : Date.now() + expiresInDays * DAY_MS
      const { token, secret } = await store.createApiToken({ name, scopes, userId: caller.userId, expiresAt })
      await note({ action: 'token.create', object: toObject(token), after: { scopes, expiresAt } })
      return { token: toView(token, await store.listAdminUsers()), secret }
    },
  )
  add(
    {
      method: 'DELETE',
      path: '/tokens/:id',
      summary: 'Takes a token back; it is refused from the next call on.',
      role: 'auditor',
      scope: 'people-only',
      answer: apiTokenListSchema,
    },
    async ({ context, caller, part, note }) => {
      const token = (await store.listApiTokens()).find(({ id }) => id === part('id'))
      if (token === undefined || !isFor(token, caller))
        return refuse(context, { code: 'not-found', message: 'You have no token with this id.' })
      await store.removeApiToken(token.id)
      await note({ action: 'token.remove', object: toObject(token), before: { scopes: token.scopes } })
      return listFor(caller)
    },
  )
}

function isFor({ userId }: ApiToken, caller: Caller): boolean {
  return caller.role === 'admin' || userId === caller.userId
}

function toObject({ id, name }: ApiToken): { kind: string; id: string; name: string } {
  return { kind: 'token', id, name }
}

function toView({ userId, scopes, ...token }: ApiToken, users: readonly AdminUser[]): ApiTokenView {
  return { ...token, scopes: [...scopes], userName: users.find(({ id }) => id === userId)?.name ?? '' }
}
