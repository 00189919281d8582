import type { FoundSession, LoginAnswer, Session } from '@relay/account-store'

import { refuse } from './admin-answer.ts'
import type { AdminContext, AdminRooms } from './admin-rooms.ts'
import { readAddress } from './admin-rooms.ts'
import { noteDeed } from './audit-note.ts'
import { passwordChangeSchema, sessionListSchema, sessionStateSchema, signInSchema } from './contract/index.ts'
import type { PasswordChangeBody, SessionEntry, SessionList, SessionState, SignIn } from './contract/index.ts'
import type { AdminRouter } from './router.ts'
import { clearSessionCookie, writeSessionCookie } from './session-cookie.ts'

/** Longest user agent kept with a session. */
const MAX_USER_AGENT_LENGTH = 300

/** Signing in and out, the password, and the list of one's own sessions. */
export function addSessionRoutes({ rooms, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/session',
      summary: 'Says who is signed in, if anyone.',
      role: 'anyone',
      scope: 'people-only',
      answer: sessionStateSchema,
    },
    async ({ context }) => describeSession(context.get('session')),
  )
  add(
    {
      method: 'POST',
      path: '/session',
      summary: 'Signs in with name and password; the answer sets the cookie of the session.',
      role: 'anyone',
      scope: 'people-only',
      body: signInSchema,
      answer: sessionStateSchema,
    },
    async ({ context, body }) => signIn(rooms, context, body),
  )
  add(
    {
      method: 'DELETE',
      path: '/session',
      summary: 'Signs out.',
      role: 'auditor',
      scope: 'people-only',
      answer: sessionStateSchema,
    },
    async ({ context }) => {
      await rooms.store.removeSession(requireSession(context).session.id)
      clearSessionCookie(context)
      return describeSession(undefined)
    },
  )
  add(
    {
      method: 'POST',
      path: '/session/password',
      summary: 'Changes the own password, which ends all own sessions.',
      role: 'auditor',
      scope: 'people-only',
      body: passwordChangeSchema,
      answer: sessionStateSchema,
    },
    async ({ context, body }) => changePassword(rooms, context, body),
  )
  addSessionListRoutes({ rooms, add })
}

function addSessionListRoutes({ rooms, add }: Pick<AdminRouter, 'rooms' | 'add'>): void {
  add(
    {
      method: 'GET',
      path: '/sessions',
      summary: 'Lists the own live sessions, newest first.',
      role: 'auditor',
      scope: 'people-only',
      answer: sessionListSchema,
    },
    async ({ context }) => listOwnSessions(rooms, context),
  )
  add(
    {
      method: 'DELETE',
      path: '/sessions/:id',
      summary: 'Ends one of the own sessions.',
      role: 'auditor',
      scope: 'people-only',
      answer: sessionListSchema,
    },
    async ({ context, part }) => {
      const { user } = requireSession(context)
      const sessions = await rooms.store.listSessions(user.id)
      const session = sessions.find(({ id }) => id === part('id'))
      if (session === undefined)
        return refuse(context, { code: 'not-found', message: 'You have no live session with this id.' })
      await rooms.store.removeSession(session.id)
      return listOwnSessions(rooms, context)
    },
  )
}

async function signIn(rooms: AdminRooms, context: AdminContext, body: SignIn): Promise<Response> {
  const address = readAddress(rooms, context)
  const login = await rooms.store.checkLogin({ ...body, address })
  if (login.type !== 'accepted') {
    rooms.log.warn({ address, outcome: login.type }, 'admin sign-in refused')
    if (login.type === 'refused') await noteRefusal(rooms, context, body.name)
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
  await noteDeed(rooms, { context, caller: byPerson(login.user.name), deed: { action: 'session.create' } })
  return context.json(describeSession({ session: issued.session, user: login.user }))
}

async function changePassword(
  rooms: AdminRooms,
  context: AdminContext,
  { currentPassword, newPassword }: PasswordChangeBody,
): Promise<Response> {
  const { user } = requireSession(context)
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
  await noteDeed(rooms, { context, caller: byPerson(user.name), deed: { action: 'session.password' } })
  return context.json(describeSession(undefined))
}

/** A name that is nobody's may be a password in the wrong field: it is not written down. */
async function noteRefusal(rooms: AdminRooms, context: AdminContext, name: string): Promise<void> {
  const user = (await rooms.store.listAdminUsers()).find((known) => known.name.toLowerCase() === name.toLowerCase())
  if (user === undefined) return
  await noteDeed(rooms, { context, caller: byPerson(user.name), deed: { action: 'session.refuse' } })
}

function byPerson(userName: string): { userName: string; token: undefined } {
  return { userName, token: undefined }
}

async function listOwnSessions(rooms: AdminRooms, context: AdminContext): Promise<SessionList> {
  const { session, user } = requireSession(context)
  const sessions = await rooms.store.listSessions(user.id)
  return { sessions: sessions.map((entry) => describeEntry(entry, session.id)) }
}

function describeSession(found: FoundSession | undefined): SessionState {
  if (found === undefined) return { state: 'none' }
  const { session, user } = found
  if (user.mustChangePassword) return { state: 'password-change-required', userName: user.name }
  return { state: 'signed-in', userName: user.name, role: user.role, expiresAt: session.expiresAt }
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
