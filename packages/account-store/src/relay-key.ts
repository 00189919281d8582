import type { ManagedBy } from './account.ts'
import type { LossPolicy } from './loss-policy.ts'
import type { WireFormat } from './wire-format.ts'

/** What a relay key may use; a missing list allows everything. */
export interface RelayKeyPermissions {
  /** Formats the client may speak. */
  readonly formats?: readonly WireFormat[] | undefined
  /** Model names the client may ask for; `*` is a wildcard. */
  readonly models?: readonly string[] | undefined
  /** Ids of the accounts that may serve this key. */
  readonly accounts?: readonly string[] | undefined
}

/** Everything about a relay key that its issuer decides. */
export interface RelayKeySettings {
  /** Unique among keys that are not revoked; 1 to 100 characters. */
  readonly name: string
  /** The person or program that answers for it; `admin` unless said otherwise. */
  readonly owner: string
  readonly team: string | undefined
  readonly permissions: RelayKeyPermissions
  /** Requests at once over all nodes; 0 means no limit. */
  readonly maxConcurrency: number
  /** Milliseconds since the epoch; `undefined` = never. */
  readonly expiresAt: number | undefined
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
  /** The last four characters of the secret, to recognise it by. */
  readonly secretLastFour: string
  /** Milliseconds since the epoch; soft deleted, can be restored. */
  readonly revokedAt: number | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
  /** Milliseconds since the epoch, as far as usage records have been written; `undefined` = never. */
  readonly lastUsedAt: number | undefined
}

/** What it takes to make a relay key; what is left out gets its default. */
export interface RelayKeyInput extends Pick<RelayKeySettings, 'name'>, Partial<Omit<RelayKeySettings, 'name'>> {}

/** A relay key of the configuration file, which brings its own secret. */
export interface DeclaredRelayKey extends RelayKeyInput {
  /** At least 16 characters, without white space. */
  readonly secret: string
}

/** A change to a relay key: only the fields that are there; `team` and `expiresAt` are cleared with `null`. */
export interface RelayKeyChange extends Partial<Omit<RelayKeySettings, 'team' | 'expiresAt'>> {
  readonly team?: string | null | undefined
  readonly expiresAt?: number | null | undefined
}

/** A new relay key together with its secret, which is shown this once. */
export interface IssuedRelayKey {
  readonly relayKey: RelayKey
  /** `rk-` and 256 random bits in base64url. */
  readonly secret: string
}

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
  if (key.expiresAt !== undefined && key.expiresAt <= nowMs) return 'expired'
  return 'active'
}
