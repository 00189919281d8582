import type { AdminUser } from './admin-user.ts'
import { checkName, checkNumber, checkTexts, refuseField } from './check-field.ts'

/** A program's way into the admin API, as it may be read: never with its secret. It acts for the person who made it. */
export interface ApiToken {
  readonly id: string
  /** Unique among tokens; 1 to 100 characters. */
  readonly name: string
  readonly userId: string
  /** What it may do, in the words of the server. */
  readonly scopes: readonly string[]
  /** The last four characters of the secret, to recognise it by. */
  readonly secretLastFour: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch; `undefined` = never. */
  readonly expiresAt: number | undefined
  /** Milliseconds since the epoch, to within a minute; `undefined` = never. */
  readonly lastUsedAt: number | undefined
}

/** What it takes to make a token. */
export interface ApiTokenInput {
  readonly name: string
  readonly userId: string
  /** At least one. */
  readonly scopes: readonly string[]
  readonly expiresAt?: number | undefined
}

/** A new token together with its secret, which is shown this once. */
export interface IssuedApiToken {
  readonly token: ApiToken
  /** `rat-` and 256 random bits in base64url. */
  readonly secret: string
}

/** A token that may be used now, and for whom it acts. */
export interface FoundApiToken {
  readonly token: ApiToken
  readonly user: AdminUser
}

const MAX_SCOPES = 50

/**
 * Checks what was entered for a token.
 *
 * @throws StoreError `invalid-input`, naming the field
 */
export function checkApiTokenInput(input: ApiTokenInput): ApiTokenInput {
  const scopes = [...new Set(checkTexts('scopes', input.scopes, MAX_SCOPES))]
  if (scopes.length === 0) refuseField('scopes', 'must name at least one')
  return {
    name: checkName('name', input.name),
    userId: input.userId,
    scopes,
    expiresAt:
      input.expiresAt === undefined
        ? undefined
        : checkNumber('expiresAt', input.expiresAt, { min: 1, max: Number.MAX_SAFE_INTEGER }),
  }
}
