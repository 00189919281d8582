import type { IssuedSession } from '@relay/account-store'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'

import type { AdminContext } from './admin-rooms.ts'

const COOKIE = 'relay-session'

/** The session token the browser sent, if any. The one bound to this host by https comes first. */
export function readSessionToken(context: Context): string | undefined {
  return getCookie(context, COOKIE, 'host') ?? getCookie(context, COOKIE)
}

/** Hands the token to the browser, out of reach for scripts and for other sites. */
export function writeSessionCookie(context: AdminContext, { session, token }: IssuedSession): void {
  const maxAge = Math.max(0, Math.floor((session.expiresAt - Date.now()) / 1000))
  const attributes = { httpOnly: true, sameSite: 'Strict', path: '/', maxAge } as const
  if (isHttps(context)) setCookie(context, COOKIE, token, { ...attributes, secure: true, prefix: 'host' })
  else setCookie(context, COOKIE, token, attributes)
}

/** Makes the browser forget the token. */
export function clearSessionCookie(context: AdminContext): void {
  const attributes = { httpOnly: true, sameSite: 'Strict', path: '/' } as const
  if (isHttps(context)) deleteCookie(context, COOKIE, { ...attributes, secure: true, prefix: 'host' })
  deleteCookie(context, COOKIE, attributes)
}

/**
 * Whether the browser sees an https page.
 *
 * @remarks Browsers send `Origin` with every POST and DELETE, and no page can forge it; unlike `X-Forwarded-Proto`
 * it needs no trust in a proxy.
 */
function isHttps(context: AdminContext): boolean {
  return context.req.header('origin')?.startsWith('https://') === true
}
