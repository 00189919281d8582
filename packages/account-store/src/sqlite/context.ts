import type { SecretBox } from '../crypto/secret-box.ts'
import type { Database } from './open-database.ts'
import type { Revision } from './revision.ts'

/** What the rooms of the embedded store share. */
export interface StoreContext extends Database {
  readonly box: SecretBox
  /** Hashes relay keys. */
  readonly pepper: Buffer
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly accountRevision: Revision
  readonly relayKeyRevision: Revision
}
