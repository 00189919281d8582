import type { Grace } from '../away/grace.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import type { Database } from './open-database.ts'
import type { OwnProcess } from './own-process.ts'
import type { Revision } from './revision.ts'

/** What the rooms of the embedded store share. */
export interface StoreContext extends Database {
  /** What this process may do while the file cannot be read or written. */
  readonly grace: Grace
  readonly box: KeyRing
  /** Hashes relay keys. */
  readonly pepper: Buffer
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds of this process that no step of the system's clock disturbs. */
  readonly steadyClock: () => number
  readonly self: OwnProcess
  readonly accountRevision: Revision
  readonly relayKeyRevision: Revision
}
