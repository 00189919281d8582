import type {
  ForeignRelayKey,
  IssuedRelayKey,
  SecretRotation,
  RelayKey,
  RelayKeyChange,
  RelayKeyInput,
} from '../relay-key.ts'
import type { ShownSecret } from '../shown-secret.ts'

/** Relay keys: what clients show us. Only a keyed hash of the secret is stored. */
export interface RelayKeyRoom {
  /** Makes a key with a random secret, which is returned this once.
   * @throws StoreError `invalid-input`, `name-taken` */
  createRelayKey(input: RelayKeyInput): Promise<IssuedRelayKey>
  /** Changes the fields that are there.
   * @throws StoreError `not-found`, `invalid-input`, `name-taken`, `managed-by-config` */
  updateRelayKey(id: string, change: RelayKeyChange): Promise<RelayKey>
  /** `undefined` when there is none; revoked ones are found. */
  getRelayKey(id: string): Promise<RelayKey | undefined>
  /** All keys by age, revoked ones only when asked for. */
  listRelayKeys(options?: { readonly includeRevoked?: boolean }): Promise<readonly RelayKey[]>
  /** Finds the key of a secret as a client sent it, whatever its status (see `relayKeyStatus`). Compares keyed hashes in
   * constant time. Known keys are answered from memory: cheap enough for every request, and more so where a connection keeps
   * its `ShownSecret`. `lastUsedAt` may lag behind here. */
  findRelayKey(secret: string | ShownSecret): Promise<RelayKey | undefined>
  /** Deletes softly: the key is refused from now on and can be restored.
   * @throws StoreError `not-found`, `managed-by-config` */
  revokeRelayKey(id: string): Promise<RelayKey>
  /** @throws StoreError `not-found`, `name-taken` when another key has got its name meanwhile */
  restoreRelayKey(id: string): Promise<RelayKey>
  /** Gives the key a new secret, which is returned this once; the one before works on for a while.
   * @throws StoreError `not-found`, `invalid-input`, `managed-by-config` */
  rotateRelayKey(id: string, rotation: SecretRotation): Promise<IssuedRelayKey>
  /** Makes a key of another system known by its hash; when it is first used, our own hash takes the place of the foreign one.
   * @throws StoreError `invalid-input`, `name-taken`, `secret-taken` */
  importRelayKey(input: ForeignRelayKey): Promise<RelayKey>
}
