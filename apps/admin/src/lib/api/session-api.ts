import { sessionListSchema, sessionStateSchema } from '@relay/server/admin-contract'
import type { PasswordChangeBody, SessionList, SessionState, SignIn } from '@relay/server/admin-contract'

import { call } from './call.ts'

/** Signing in and out, and the sessions of the reader. */
export const sessionApi = {
  getSession: (): Promise<SessionState> => call({ path: '/session', answer: sessionStateSchema }),
  signIn: (body: SignIn): Promise<SessionState> =>
    call({ method: 'POST', path: '/session', body, answer: sessionStateSchema }),
  signOut: (): Promise<SessionState> => call({ method: 'DELETE', path: '/session', answer: sessionStateSchema }),
  changePassword: (body: PasswordChangeBody): Promise<SessionState> =>
    call({ method: 'POST', path: '/session/password', body, answer: sessionStateSchema }),
  listSessions: (): Promise<SessionList> => call({ path: '/sessions', answer: sessionListSchema }),
  endSession: (id: string): Promise<SessionList> =>
    call({ method: 'DELETE', path: `/sessions/${encodeURIComponent(id)}`, answer: sessionListSchema }),
}
