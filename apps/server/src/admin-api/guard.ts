import type { FoundSession } from '@relay/account-store'
import type { MiddlewareHandler, Next } from 'hono'

import { refuse } from './admin-answer.ts'
import type { AdminContext, AdminEnv, AdminRooms } from './admin-rooms.ts'
import { findTokenCaller, readBearerToken } from './bearer-token.ts'
import type { Caller } from './caller.ts'
import { ADMIN_API_PATH, PROOF_HEADER } from './contract/index.ts'
import { readSessionToken } from './session-cookie.ts'

/** A route as it is registered, relative to the admin API's path. */
export interface RouteName {
  readonly method: string
  readonly path: string
}

/** The only routes that answer without a session. */
export const PUBLIC_ROUTES: readonly RouteName[] = [
  { method: 'GET', path: '/session' },
  { method: 'POST', path: '/session' },
]

/** What else works before the one-time password has been replaced. */
export const FIRST_SIGN_IN_ROUTES: readonly RouteName[] = [
  { method: 'POST', path: '/session/password' },
  { method: 'DELETE', path: '/session' },
]

/**
 * Stands in front of every route, known or not: whatever is not on a list above needs a session whose owner has set
 * a password, or a token, and whatever a session changes needs proof that our own page sent it. What each may do is
 * decided where the route is known.
 */
export function guard(rooms: AdminRooms): MiddlewareHandler<AdminEnv> {
  return async (context, next) => {
    const route = readRoute(context)
    const bearer = readBearerToken({ authorization: context.req.header('authorization') })
    if (bearer !== undefined) return letTokenIn(rooms, { context, bearer, next })
    if (route.method !== 'GET' && !isFromOwnPage(context)) {
      const message = `Changes need the header ${PROOF_HEADER}: 1 and a request from the panel's own origin.`
      return refuse(context, { code: 'cross-site-request', message })
    }

    const token = readSessionToken(context)
    const session = token === undefined ? undefined : await rooms.store.findSession(token)
    context.set('session', session)
    context.set('caller', session === undefined ? undefined : toCaller(session))
    if (includes(PUBLIC_ROUTES, route)) return next()

    if (session === undefined) return refuse(context, { code: 'not-signed-in', message: 'Sign in first.' })
    if (session.user.mustChangePassword && !includes(FIRST_SIGN_IN_ROUTES, route)) {
      const message = 'Replace the one-time password first.'
      return refuse(context, { code: 'password-change-required', message })
    }
    return next()
  }
}

/** Someone with a session may do what their role may do now. */
function toCaller(session: FoundSession): Caller {
  const { id, name, role } = session.user
  return { userId: id, userName: name, role, session, token: undefined }
}

interface TokenCall {
  readonly context: AdminContext
  readonly bearer: string
  readonly next: Next
}

/** No browser sends a token by itself, so there is no page to prove; and a token never counts as a session. */
async function letTokenIn(rooms: AdminRooms, { context, bearer, next }: TokenCall): Promise<Response | undefined> {
  context.set('session', undefined)
  const caller = await findTokenCaller(rooms, bearer)
  context.set('caller', caller)
  if (caller === undefined) return refuse(context, { code: 'not-signed-in', message: 'This token is not valid.' })
  await next()
  return undefined
}

function readRoute(context: AdminContext): RouteName {
  const { method, path } = context.req
  return {
    method: method === 'HEAD' ? 'GET' : method,
    path: path.startsWith(`${ADMIN_API_PATH}/`) ? path.slice(ADMIN_API_PATH.length) : path,
  }
}

function includes(routes: readonly RouteName[], { method, path }: RouteName): boolean {
  return routes.some((route) => route.method === method && route.path === path)
}

/**
 * Whether our own page sent this: the custom header cannot be set by a form or by a script of another origin, and
 * the browser says where the request comes from.
 *
 * @remarks `Sec-Fetch-Site` decides where the browser sends it: behind a proxy the host we see may not be the one in
 * `Origin`. Browsers leave it out on plain http to another machine; there `Origin` has to name the host we were called by.
 */
function isFromOwnPage(context: AdminContext): boolean {
  if (context.req.header(PROOF_HEADER) !== '1') return false
  const site = context.req.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  const origin = context.req.header('origin')
  const host = context.req.header('host')
  return (
    origin !== undefined && host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
  )
}
