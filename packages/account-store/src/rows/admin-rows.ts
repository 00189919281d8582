import type { AdminUser, Session } from '../admin-user.ts'
import type { Row } from './row.ts'
import { readNumber, readOptionalText, readText } from './row.ts'

/** Reads an admin user; the hash of the password stays in the row. */
export function toAdminUser(row: Row): AdminUser {
  return {
    id: readText(row, 'id'),
    name: readText(row, 'name'),
    mustChangePassword: readNumber(row, 'must_change_password') === 1,
    createdAt: readNumber(row, 'created_at'),
    passwordChangedAt: readNumber(row, 'password_changed_at'),
  }
}

/** Reads a session; the digest of its token stays in the row. */
export function toSession(row: Row): Session {
  return {
    id: readText(row, 'id'),
    userId: readText(row, 'user_id'),
    createdAt: readNumber(row, 'created_at'),
    lastSeenAt: readNumber(row, 'last_seen_at'),
    expiresAt: readNumber(row, 'expires_at'),
    address: readOptionalText(row, 'address'),
    userAgent: readOptionalText(row, 'user_agent'),
  }
}
