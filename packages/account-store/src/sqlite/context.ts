import type { KeyRing } from '../crypto/key-ring.ts'
import type { Database } from './open-database.ts'
import type { Revision } from './revision.ts'

/** What the rooms of the embedded store share. */
export interface StoreContext extends Database {
  readonly box: KeyRing
  /** Hashes relay keys. */
  readonly pepper: Buffer
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly accountRevision: Revision
  readonly relayKeyRevision: Revision
}
