import type { ManagedBy } from './account.ts'
import type { CostBudget, Limits } from './limits/limits.ts'
import type { LossPolicy } from './loss-policy.ts'
import type { WireFormat } from './wire-format.ts'

/** What a relay key may use; a missing list allows everything. */
export interface RelayKeyPermissions {
  /** Formats the client may speak. */
  readonly formats?: readonly WireFormat[] | undefined
  /** Model names the client may ask for; `*` is a wildcard. */
  readonly models?: readonly string[] | undefined
  /** Ids of the accounts that may serve this key, beside those of `groups`. */
  readonly accounts?: readonly string[] | undefined
  /** Groups of accounts that may serve this key, beside `accounts`. */
  readonly groups?: readonly string[] | undefined
  /** Where its requests may come from: addresses and networks such as `10.0.0.0/8` or `2001:db8::/32`. */
  readonly addresses?: readonly string[] | undefined
}

/** Requests that may wait for a slot in place of being refused. */
export interface ConcurrencyQueue {
  /** At once over all nodes; 1 to 1000. */
  readonly maxWaiting: number
  /** Milliseconds, at most 60,000. */
  readonly maxWaitMs: number
}

/** Everything about a relay key that its issuer decides. */
export interface RelayKeySettings extends Limits {
  /** Unique among keys that are not revoked; 1 to 100 characters. */
  readonly name: string
  /** The person or program that answers for it; `admin` unless said otherwise. */
  readonly owner: string
  readonly team: string | undefined
  /** Words to find it by; at most 50. */
  readonly tags: readonly string[]
  /** For its issuer's eyes; at most 2000 characters. */
  readonly note: string
  readonly permissions: RelayKeyPermissions
  /** `undefined` refuses at once what finds no slot. */
  readonly concurrencyQueue: ConcurrencyQueue | undefined
  /** Milliseconds since the epoch; `undefined` = never. */
  readonly expiresAt: number | undefined
  /** Ends this long after its first use; `undefined` = never. Where `expiresAt` comes earlier, that counts. */
  readonly expiresAfterFirstUseMs: number | undefined
  readonly lossPolicy: LossPolicy
  /**
   * How long its Responses answers are kept, with their prompts, so that a client can go on from them; in milliseconds,
   * at most 30 days. 0 keeps none. Making it shorter holds for what is kept already, too.
   */
  readonly responseTtlMs: number
  /** Switched on; a disabled key is refused and can be enabled again. */
  readonly enabled: boolean
}

/** A relay key as everybody may read it: never with its secret. */
export interface RelayKey extends RelayKeySettings {
  readonly id: string
  readonly managedBy: ManagedBy
  /** The last four characters of the secret, to recognise it by; empty for one that was imported and not used since. */
  readonly secretLastFour: string
  /** Until when the secret before the last rotation works as well, milliseconds since the epoch; `undefined` = there is none. */
  readonly oldSecretEndsAt: number | undefined
  /** Milliseconds since the epoch; soft deleted, can be restored. */
  readonly revokedAt: number | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
  /** Milliseconds since the epoch, as far as usage records have been written; `undefined` = never. */
  readonly lastUsedAt: number | undefined
  /** Milliseconds since the epoch; noted only for keys that end after their first use. */
  readonly firstUsedAt: number | undefined
}

/** What it takes to make a relay key; what is left out gets its default. */
export interface RelayKeyInput
  extends Pick<RelayKeySettings, 'name'>, Partial<Omit<RelayKeySettings, 'name' | 'budget'>> {
  readonly budget?: Partial<CostBudget> | undefined
}

/** A relay key of the configuration file, which brings its own secret. */
export interface DeclaredRelayKey extends RelayKeyInput {
  /** At least 16 characters, without white space. */
  readonly secret: string
}

/** Fields of a relay key that a change can clear. */
export type ClearableKeyField = 'team' | 'expiresAt' | 'expiresAfterFirstUseMs' | 'concurrencyQueue'

/** A change to a relay key: only the fields that are there; `null` clears those that may be missing, `budget` changes what it names. */
export type RelayKeyChange = Partial<Omit<RelayKeyInput, ClearableKeyField>> & {
  readonly [Field in ClearableKeyField]?: RelayKeyInput[Field] | null
}

/** A relay key of another system, of which only a hash is known. */
export interface ForeignRelayKey extends RelayKeyInput {
  readonly foreignHash: ForeignHash
  /** Milliseconds since the epoch; now unless said otherwise. */
  readonly createdAt?: number | undefined
  /** Milliseconds since the epoch. */
  readonly lastUsedAt?: number | undefined
  /** For a key that ends after its first use: when that was, milliseconds since the epoch. */
  readonly firstUsedAt?: number | undefined
}

/** How another system hashes its keys; replaced by our own hash when the key is first used. */
export interface ForeignHash {
  /** SHA-256 over the key followed by a suffix that is the same for all keys of that system. */
  readonly scheme: 'sha256-suffix'
  /** Kept sealed. */
  readonly suffix: string
  /** 64 hexadecimal digits. */
  readonly hash: string
}

/** A new relay key together with its secret, which is shown this once. */
export interface IssuedRelayKey {
  readonly relayKey: RelayKey
  /** `rk-` and 256 random bits in base64url. */
  readonly secret: string
}

/** How a key gets a new secret. */
export interface SecretRotation {
  /** How long the secret before works on, in milliseconds; 0 ends it at once, at most {@link MAX_OVERLAP_MS}. */
  readonly overlapMs: number
}

/** Longest time that two secrets of a key work side by side: 30 days. */
export const MAX_OVERLAP_MS: number = 30 * 86_400_000

/** Whether a key may be used now, and if not, why. */
export type RelayKeyStatus = 'active' | 'disabled' | 'revoked' | 'expired'

/**
 * Says whether a key may be used.
 *
 * @param nowMs - milliseconds since the epoch
 */
export function relayKeyStatus(key: RelayKey, nowMs: number): RelayKeyStatus {
  if (key.revokedAt !== undefined) return 'revoked'
  if (!key.enabled) return 'disabled'
  const endsAt = relayKeyEnd(key)
  return endsAt !== undefined && endsAt <= nowMs ? 'expired' : 'active'
}

/** When a key ends, as far as that is settled: milliseconds since the epoch. */
export function relayKeyEnd(
  key: Pick<RelayKey, 'expiresAt' | 'expiresAfterFirstUseMs' | 'firstUsedAt'>,
): number | undefined {
  const { expiresAt, expiresAfterFirstUseMs, firstUsedAt } = key
  if (expiresAfterFirstUseMs === undefined || firstUsedAt === undefined) return expiresAt
  return Math.min(expiresAt ?? Infinity, firstUsedAt + expiresAfterFirstUseMs)
}
