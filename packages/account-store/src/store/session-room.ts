import type { FoundSession, IssuedSession, Session, SessionInput } from '../admin-user.ts'

/** Sessions of the panel. Every method may reject with StoreError `session-secret-missing`. */
export interface SessionRoom {
  /** @throws StoreError `not-found` for the user */
  createSession(input: SessionInput): Promise<IssuedSession>
  /** The live session of a token, noting its use; an unknown, ended or expired one is an explicit `undefined`. */
  findSession(token: string): Promise<FoundSession | undefined>
  /** Live sessions of a user, newest first. */
  listSessions(userId: string): Promise<readonly Session[]>
  /** Ends a session by its id, not its token; an unknown one is no error. */
  removeSession(id: string): Promise<void>
}
