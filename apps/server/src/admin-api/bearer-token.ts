import type { IncomingHttpHeaders } from 'node:http'

import type { FoundApiToken } from '@relay/account-store'

import type { AdminRooms } from './admin-rooms.ts'
import type { Caller } from './caller.ts'
import { tokenScopeSchema } from './contract/access.ts'

/** Tokens of the admin API begin like this; a relay key never does. */
const BEARER = /^Bearer (rat-\S+)$/i

/** The token that a program sent, if any. Only the header counts: an address ends up in logs. */
export function readBearerToken({
  authorization = '',
}: Pick<IncomingHttpHeaders, 'authorization'>): string | undefined {
  return BEARER.exec(authorization)?.[1]
}

/** Who calls with a token: what it names may be done, as far as the role of its maker goes now. */
export async function findTokenCaller(
  { store }: Pick<AdminRooms, 'store'>,
  secret: string,
): Promise<Caller | undefined> {
  const found = await store.findApiToken(secret)
  // Someone whose password was reset has to come in person first.
  return found === undefined || found.user.mustChangePassword ? undefined : toCaller(found)
}

function toCaller({ token, user }: FoundApiToken): Caller {
  const scopes = token.scopes.flatMap((scope) => tokenScopeSchema.safeParse(scope).data ?? [])
  return {
    userId: user.id,
    userName: user.name,
    role: user.role,
    session: undefined,
    token: { id: token.id, name: token.name, scopes },
  }
}
