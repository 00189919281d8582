import type { ApiToken, ApiTokenInput, FoundApiToken, IssuedApiToken } from '../api-token.ts'

/** Tokens of the admin API. Only a hash keyed with the session secret is stored, in a key space of its own. Every method may reject with StoreError `session-secret-missing`. */
export interface ApiTokenRoom {
  /** @throws StoreError `invalid-input`, `name-taken`, `not-found` for the user */
  createApiToken(input: ApiTokenInput): Promise<IssuedApiToken>
  /** All tokens by age. */
  listApiTokens(): Promise<readonly ApiToken[]>
  /** The token of a secret, noting its use; an unknown or expired one, and one whose user is gone or disabled, is an explicit `undefined`. */
  findApiToken(secret: string): Promise<FoundApiToken | undefined>
  /** @throws StoreError `not-found` */
  removeApiToken(id: string): Promise<void>
}
