import { ADMIN_ROLES } from '../admin-user.ts'
import type { AdminUser, Session } from '../admin-user.ts'
import type { ApiToken } from '../api-token.ts'
import { checkChoice } from '../check-field.ts'
import type { Row } from './row.ts'
import { readList, readNumber, readOptionalNumber, readOptionalText, readText } from './row.ts'

/** Reads an admin user; the hash of the password stays in the row. */
export function toAdminUser(row: Row): AdminUser {
  return {
    id: readText(row, 'id'),
    name: readText(row, 'name'),
    role: checkChoice('role', readText(row, 'role'), ADMIN_ROLES),
    enabled: readNumber(row, 'enabled') === 1,
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

/** Reads a token of the admin API; the digest of its secret stays in the row. */
export function toApiToken(row: Row): ApiToken {
  return {
    id: readText(row, 'id'),
    name: readText(row, 'name'),
    userId: readText(row, 'user_id'),
    scopes: readList(row, 'scopes').map(String),
    secretLastFour: readText(row, 'secret_last_four'),
    createdAt: readNumber(row, 'created_at'),
    expiresAt: readOptionalNumber(row, 'expires_at'),
    lastUsedAt: readOptionalNumber(row, 'last_used_at'),
  }
}
