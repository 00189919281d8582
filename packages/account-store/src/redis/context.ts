import type { KeyRing } from '../crypto/key-ring.ts'
import type { ChangeFeed } from './change-feed.ts'
import type { RedisLink } from './link.ts'
import type { RedisKeys } from './redis-keys.ts'

/** What the rooms of the Redis store share. */
export interface RedisContext {
  readonly link: RedisLink
  readonly keys: RedisKeys
  /** Names the data set that this node was started on. */
  readonly instanceId: string
  readonly box: KeyRing
  /** Hashes relay keys. */
  readonly pepper: Buffer
  /** Milliseconds since the epoch, for what is written into objects. */
  readonly now: () => number
  /** The time as scripts get it: empty where the server's own clock counts, see `scripts/script.ts`. */
  readonly scriptClock: () => string
  /** Milliseconds of this process that no step of the system's clock disturbs. */
  readonly steadyClock: () => number
  readonly feed: ChangeFeed
}
