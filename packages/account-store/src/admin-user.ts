/** What someone may do, from least to most: look, run the relay, rule over it and its admins. */
export type AdminRole = 'auditor' | 'operator' | 'admin'

/** Someone who may sign in to the panel. */
export interface AdminUser {
  readonly id: string
  readonly name: string
  readonly role: AdminRole
  /** Switched off: can neither sign in nor act through tokens. */
  readonly enabled: boolean
  /** The password was made by the machine and has to be replaced first. */
  readonly mustChangePassword: boolean
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch. */
  readonly passwordChangedAt: number
}

/** What it takes to make an admin user. */
export interface AdminUserInput {
  /** 1 to 64 characters; unique without regard to case. */
  readonly name: string
  /** At least 12, at most 256 characters. */
  readonly password: string
  readonly mustChangePassword: boolean
  /** `admin` unless said otherwise. */
  readonly role?: AdminRole | undefined
}

/** A change to an admin user: only the fields that are there. */
export interface AdminUserChange {
  readonly role?: AdminRole | undefined
  readonly enabled?: boolean | undefined
}

/** The roles, from least to most. */
export const ADMIN_ROLES: readonly AdminRole[] = ['auditor', 'operator', 'admin']

/** A try to sign in. */
export interface LoginAttempt {
  readonly name: string
  readonly password: string
  /** The client's address; attempts are limited per address as well as per name. */
  readonly address: string
}

/** The outcome of a try to sign in; unknown names and wrong passwords look the same and take the same time. */
export type LoginAnswer =
  | { readonly type: 'accepted'; readonly user: AdminUser }
  | { readonly type: 'refused' }
  | { readonly type: 'throttled'; readonly retryAfterMs: number }

/** What a new session is bound to. */
export interface SessionInput {
  readonly userId: string
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
  /** Life time whatever happens; 7 days unless said otherwise. */
  readonly absoluteMs?: number | undefined
  /** Life time without use; 12 hours unless said otherwise. */
  readonly idleMs?: number | undefined
  /** The session this one replaces: it ends in the same step, so that a login always brings a new id. */
  readonly replaces?: string | undefined
}

/** A session as its owner may see it in a list; it cannot be used to sign in. */
export interface Session {
  /** Names the session in lists; not the secret token. */
  readonly id: string
  readonly userId: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch, to within a minute. */
  readonly lastSeenAt: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly address: string | undefined
  readonly userAgent: string | undefined
}

/** A new session with the token that goes into the cookie, shown this once. */
export interface IssuedSession {
  readonly session: Session
  /** 256 random bits in base64url. */
  readonly token: string
}

/** A live session and whose it is. */
export interface FoundSession {
  readonly session: Session
  readonly user: AdminUser
}
