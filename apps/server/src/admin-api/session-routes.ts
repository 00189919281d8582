import type { FoundSession, LoginAnswer, Session } from '@relay/account-store'
import { Hono } from 'hono'

import { readBody, refuse } from './admin-answer.ts'
import type { AdminApp, AdminContext, AdminEnv, AdminRooms } from './admin-rooms.ts'
import { readAddress } from './admin-rooms.ts'
import { passwordChangeSchema, signInSchema } from './contract/index.ts'
import type { SessionEntry, SessionList, SessionState } from './contract/index.ts'
import { clearSessionCookie, writeSessionCookie } from './session-cookie.ts'

/** Longest user agent kept with a session. */
const MAX_USER_AGENT_LENGTH = 300

/** Signing in and out, the password, and the list of one's own sessions. */
export function createSessionRoutes(rooms: AdminRooms): AdminApp {
  const routes = new Hono<AdminEnv>()
  routes.get('/session', (context) => context.json(describeSession(context.get('session'))))
  routes.post('/session', (context) => signIn(rooms, context))
  routes.delete('/session', (context) => signOut(rooms, context))
  routes.post('/session/password', (context) => changePassword(rooms, context))
  routes.get('/sessions', (context) => listOwnSessions(rooms, context))
  routes.delete('/sessions/:id', (context) => endOwnSession(rooms, context))
  return routes
}

async function signIn(rooms: AdminRooms, context: AdminContext): Promise<Response> {
  const body = await readBody(context, signInSchema)
  if (!body.ok) return body.answer

  const address = readAddress(rooms, context)
  const login = await rooms.store.checkLogin({ ...body.value, address })
  if (login.type !== 'accepted') {
    rooms.log.warn({ address, outcome: login.type }, 'admin sign-in refused')
    return refuseLogin(context, login, undefined)
  }

  const issued = await rooms.store.createSession({
    userId: login.user.id,
    address: address === '' ? undefined : address,
    userAgent: context.req.header('user-agent')?.slice(0, MAX_USER_AGENT_LENGTH),
    // Whatever session the browser came with ends now, so that nobody can plant one beforehand.
    replaces: context.get('session')?.session.id,
  })
  writeSessionCookie(context, issued)
  rooms.log.info({ address, user: login.user.name }, 'admin signed in')
  return context.json(describeSession({ session: issued.session, user: login.user }))
}

async function signOut(rooms: AdminRooms, context: AdminContext): Promise<Response> {
  await rooms.store.removeSession(requireSession(context).session.id)
  clearSessionCookie(context)
  return context.json(describeSession(undefined))
}

async function changePassword(rooms: AdminRooms, context: AdminContext): Promise<Response> {
  const { user } = requireSession(context)
  const body = await readBody(context, passwordChangeSchema)
  if (!body.ok) return body.answer
  const { currentPassword, newPassword } = body.value
  if (newPassword === currentPassword) {
    const message = 'The new password is the same as the current one.'
    return refuse(context, { code: 'invalid-request', message, field: 'newPassword' })
  }

  // A session alone is not enough: someone who finds an unlocked screen must not lock its owner out.
  const address = readAddress(rooms, context)
  const login = await rooms.store.checkLogin({ name: user.name, password: currentPassword, address })
  if (login.type !== 'accepted') return refuseLogin(context, login, 'currentPassword')

  await rooms.store.setAdminPassword({ userId: user.id, password: newPassword })
  clearSessionCookie(context)
  rooms.log.info({ address, user: user.name }, 'admin password changed, all sessions ended')
  return context.json(describeSession(undefined))
}

async function listOwnSessions(rooms: AdminRooms, context: AdminContext): Promise<Response> {
  const { session, user } = requireSession(context)
  const sessions = await rooms.store.listSessions(user.id)
  const entries = sessions.map((entry) => describeEntry(entry, session.id))
  return context.json({ sessions: entries } satisfies SessionList)
}

async function endOwnSession(rooms: AdminRooms, context: AdminContext): Promise<Response> {
  const { user } = requireSession(context)
  const sessions = await rooms.store.listSessions(user.id)
  const session = sessions.find(({ id }) => id === context.req.param('id'))
  if (session === undefined)
    return refuse(context, { code: 'not-found', message: 'You have no live session with this id.' })
  await rooms.store.removeSession(session.id)
  return listOwnSessions(rooms, context)
}

function describeSession(found: FoundSession | undefined): SessionState {
  if (found === undefined) return { state: 'none' }
  const { session, user } = found
  if (user.mustChangePassword) return { state: 'password-change-required', userName: user.name }
  return { state: 'signed-in', userName: user.name, expiresAt: session.expiresAt }
}

function describeEntry(session: Session, currentId: string): SessionEntry {
  const { id, createdAt, lastSeenAt, expiresAt, address, userAgent } = session
  return { id, isCurrent: id === currentId, createdAt, lastSeenAt, expiresAt, address, userAgent }
}

function refuseLogin(
  context: AdminContext,
  login: Exclude<LoginAnswer, { type: 'accepted' }>,
  field: string | undefined,
): Response {
  if (login.type === 'refused') {
    return refuse(context, { code: 'sign-in-refused', message: 'The name or the password is wrong.', field })
  }
  const seconds = Math.max(1, Math.ceil(login.retryAfterMs / 1000))
  const message = `Too many attempts. Try again in ${seconds} s.`
  return refuse(context, { code: 'too-many-attempts', message, retryAfterMs: login.retryAfterMs })
}

/** The guard lets nobody without a session come this far. */
function requireSession(context: AdminContext): FoundSession {
  const found = context.get('session')
  if (found === undefined) throw new Error('A route for signed-in users was reached without a session.')
  return found
}
