/**
 * What went wrong in the store, as a closed list callers may choose by.
 *
 * - `not-found`: no object with that id.
 * - `invalid-input`: a field is missing, of the wrong type, or out of bounds.
 * - `name-taken`: another object of the same kind has that name.
 * - `secret-taken`: a declared relay key secret already belongs to another key.
 * - `credential-required`: the base URL changes and the credential was not entered again.
 * - `managed-by-config`: the object comes from the configuration file and is read-only elsewhere.
 * - `last-admin`: without this admin user nobody could rule over the others.
 * - `weak-secret`: `ENCRYPTION_KEY` or `JWT_SECRET` is shorter than 32 characters.
 * - `wrong-encryption-key`: the data set was sealed under another `ENCRYPTION_KEY`.
 * - `session-secret-missing`: the store was opened without the secret that sessions need.
 * - `not-a-store`: the file is a database of something else, or no database at all.
 * - `store-damaged`: the data set is truncated or corrupt.
 * - `store-too-new`: a newer Relay wrote the data set.
 * - `store-busy`: another process held the write lock for too long.
 * - `store-full`: no room left on the disk.
 * - `store-read-only`: the data set cannot be written to.
 * - `store-unavailable`: any other trouble with the file or the connection.
 * - `store-closed`: the store was used after `close()`.
 */
export type StoreErrorCode =
  | 'not-found'
  | 'invalid-input'
  | 'name-taken'
  | 'secret-taken'
  | 'credential-required'
  | 'managed-by-config'
  | 'last-admin'
  | 'weak-secret'
  | 'wrong-encryption-key'
  | 'session-secret-missing'
  | 'not-a-store'
  | 'store-damaged'
  | 'store-too-new'
  | 'store-busy'
  | 'store-full'
  | 'store-read-only'
  | 'store-unavailable'
  | 'store-closed'

/** What a field has to be, for those who say it in words of their own. */
export interface FieldRule {
  readonly code:
    | 'length'
    | 'range'
    | 'whole-number'
    | 'no-edge-space'
    | 'printable'
    | 'web-url'
    | 'proxy-url'
    | 'time-zone'
    | 'time-of-day'
    | 'network'
  /** Bounds of a number or of a length, both included. */
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** What was entered, where it is no secret. */
  readonly value?: string | undefined
}

interface StoreErrorOptions extends ErrorOptions {
  readonly rule?: FieldRule | undefined
}

/**
 * The only error class of this package; cases are told apart by `code`.
 *
 * The message names the thing, the limit and the way out. It never holds a credential or a relay key.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** Which promise was broken. */
  readonly code: StoreErrorCode
  /** Of `invalid-input`, where the rule is one of the usual ones. */
  readonly rule: FieldRule | undefined

  constructor(code: StoreErrorCode, message: string, options?: StoreErrorOptions) {
    super(message, options)
    this.code = code
    this.rule = options?.rule
  }

  /**
   * Tells a store error from any other value.
   *
   * @remarks Use this instead of `instanceof`: two copies of the package may be loaded.
   */
  static is(value: unknown): value is StoreError {
    return value instanceof Error && value.name === 'StoreError' && 'code' in value
  }
}
