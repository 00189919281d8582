import type {
  Account,
  AccountAttention,
  AccountChange,
  AccountError,
  AccountInput,
  Cooldown,
  CooldownCause,
} from './account.ts'
import type {
  AdminUser,
  AdminUserInput,
  FoundSession,
  IssuedSession,
  LoginAnswer,
  LoginAttempt,
  Session,
  SessionInput,
} from './admin-user.ts'
import type { LeaseAnswer, LeaseRequest, LeaseResource } from './lease.ts'
import type { DeclaredRelayKey, IssuedRelayKey, RelayKey, RelayKeyChange, RelayKeyInput } from './relay-key.ts'
import type { ResponseInput, ResponsePlace, StoredResponse } from './stored-response.ts'
import type { UsageFilter, UsagePage, UsageQuery, UsageRecord, UsageSums } from './usage-record.ts'

/**
 * The port: what any backend must do.
 *
 * Every method that changes something is one atomic step: it happens wholly or not at all, on every node, also
 * when the process dies in the middle. What a method of accounts, relay keys or admin users has confirmed is on disk
 * and survives a power cut. Changes made by one process are seen by all others within a second. Trouble is a
 * rejected promise with a `StoreError`.
 */
export interface AccountStore
  extends
    AccountRoom,
    AccountStateRoom,
    RelayKeyRoom,
    ConfigRoom,
    AdminRoom,
    SessionRoom,
    LeaseRoom,
    ResponseRoom,
    UsageRoom,
    SettingRoom {
  /** Says what this store is and whether it can be read and written right now; never rejects. */
  checkHealth(): Promise<StoreHealth>
  /** Writes what is waiting, then lets go of everything. Calling it twice does no harm. */
  close(): Promise<void>
}

/** Accounts. Reading one never returns its credential. */
export interface AccountRoom {
  /** @throws StoreError `invalid-input`, `name-taken` */
  createAccount(input: AccountInput): Promise<Account>
  /** Changes the fields that are there. An edit also clears `attention`, cooldowns and the last error.
   * @throws StoreError `not-found`, `invalid-input`, `name-taken`, `credential-required`, `managed-by-config` */
  updateAccount(id: string, change: AccountChange): Promise<Account>
  /** `undefined` when there is none. */
  getAccount(id: string): Promise<Account | undefined>
  /** All accounts by age, disabled ones too. Answered from memory: cheap enough for every request. The array is shared: do not change it. */
  listAccounts(): Promise<readonly Account[]>
  /** Removes the account, its credential and its cooldowns; usage records stay. One from the configuration file can go once it is disabled.
   * @throws StoreError `not-found`, `managed-by-config` */
  removeAccount(id: string): Promise<void>
  /** Opens the sealed credential. One that cannot be opened marks the account with `attention` and returns nothing.
   * @throws StoreError `not-found` */
  openCredential(id: string): Promise<OpenedCredential>
}

/** What is behind the seal. */
export type OpenedCredential =
  | { readonly type: 'opened'; readonly credential: string }
  | { readonly type: 'none' }
  | { readonly type: 'unreadable' }

/** What happened to accounts. Unknown ids are ignored: a request may outlive its account. */
export interface AccountStateRoom {
  /** Ends the cooldowns and strikes of this account × model and notes the time (to within 10 s). Costs nothing when there is nothing to change. */
  recordAccountSuccess(id: string, model: string): Promise<void>
  /** Notes the last error; cut to 500 characters. */
  recordAccountError(id: string, error: AccountError): Promise<void>
  /** Sends the account × model to rest, or returns `undefined` where the rule of the last usable account forbids it. */
  startCooldown(request: CooldownRequest): Promise<Cooldown | undefined>
  /** Puts the account out until it is tested or edited. */
  setAttention(id: string, attention: AccountAttention): Promise<void>
  /** Ends all cooldowns, `attention` and the last error: after a test that went well, or by hand. */
  clearAccountState(id: string): Promise<void>
}

/** Asks for a cooldown. Counting strikes, the check for the last usable account and the start are one step. */
export interface CooldownRequest {
  readonly accountId: string
  /** The model as sent to the upstream; `*` for the whole account. */
  readonly model: string
  readonly cause: CooldownCause
  /** As the upstream said; left out, it doubles with each strike from 2 s to 120 s, ±20 %. While a cooldown runs, further failures do not count as strikes. */
  readonly durationMs?: number | undefined
  /** The other candidates for the model the client asked for, each with its own name for it. When given and none of them is usable now, no cooldown starts (reliability 4.4). */
  readonly alternatives?: readonly CooldownAlternative[] | undefined
}

/** Another account that could serve instead. */
export interface CooldownAlternative {
  readonly accountId: string
  /** The model as sent to that upstream. */
  readonly model: string
}

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
   * constant time. Known keys are answered from memory: cheap enough for every request. `lastUsedAt` may lag behind here. */
  findRelayKey(secret: string): Promise<RelayKey | undefined>
  /** Deletes softly: the key is refused from now on and can be restored.
   * @throws StoreError `not-found`, `managed-by-config` */
  revokeRelayKey(id: string): Promise<RelayKey>
  /** @throws StoreError `not-found`, `name-taken` when another key has got its name meanwhile */
  restoreRelayKey(id: string): Promise<RelayKey>
}

/** What the configuration file declares. */
export interface ConfigDeclaration {
  readonly accounts: readonly AccountInput[]
  /** `permissions.accounts` may name accounts by name; they are kept by id. */
  readonly relayKeys: readonly DeclaredRelayKey[]
}

/** What applying a declaration did, by name. */
export interface ConfigOutcome {
  readonly created: readonly string[]
  readonly updated: readonly string[]
  /** Left the file since it was applied last. */
  readonly disabled: readonly string[]
}

/** Objects that come from the configuration file. */
export interface ConfigRoom {
  /** Makes the store say what the file says, matching by name, in one step: all of it or, on an error, nothing. Applying it again changes nothing.
   * Objects that left the file are disabled; objects made by the operator stay untouched.
   * @throws StoreError `invalid-input` naming the path, `name-taken` when an operator's object has the name, `secret-taken` */
  applyConfig(declaration: ConfigDeclaration): Promise<ConfigOutcome>
}

/** Who may sign in. Passwords are kept as argon2id hashes only. */
export interface AdminRoom {
  /** @throws StoreError `invalid-input`, `name-taken` */
  createAdminUser(input: AdminUserInput): Promise<AdminUser>
  listAdminUsers(): Promise<readonly AdminUser[]>
  /** Counts the attempt before it looks, so that tries in parallel are counted too; a success clears the count of the name.
   * @throws StoreError `session-secret-missing` */
  checkLogin(attempt: LoginAttempt): Promise<LoginAnswer>
  /** Sets the password, clears `mustChangePassword` unless told otherwise, and ends all sessions of the user in the same step.
   * @throws StoreError `not-found`, `invalid-input` */
  setAdminPassword(change: PasswordChange): Promise<AdminUser>
}

/** A new password for an admin user. */
export interface PasswordChange {
  readonly userId: string
  /** At least 12, at most 256 characters. */
  readonly password: string
  /** For a password that was set by someone else; `false` unless said otherwise. */
  readonly mustChangePassword?: boolean | undefined
}

/** Sessions of the panel. Every method may reject with StoreError `session-secret-missing`. */
export interface SessionRoom {
  /** @throws StoreError `not-found` for the user */
  createSession(input: SessionInput): Promise<IssuedSession>
  /** The live session of a token, noting its use; an unknown, ended or expired one is an explicit `undefined`. */
  findSession(token: string): Promise<FoundSession | undefined>
  /** Live sessions of a user, newest first. */
  listSessions(userId: string): Promise<readonly Session[]>
  /** Ends a session by its id, not its token; an unknown one is no error. */
  removeSession(id: string): Promise<void>
}

/** Slots of things that may be used by so many at once, over all nodes. */
export interface LeaseRoom {
  /** Counts and takes in one step. A slot that is neither released nor renewed comes back after `ttlMs`.
   * @throws StoreError `invalid-input` */
  acquireLease(request: LeaseRequest): Promise<LeaseAnswer>
  /** Prolongs leases by `ttlMs` from now; returns the ids that are still held. */
  renewLeases(leaseIds: readonly string[], ttlMs: number): Promise<readonly string[]>
  /** Gives a slot back; one that is already back is no error. */
  releaseLease(leaseId: string): Promise<void>
  /** How many slots are taken now. */
  countLeases(resource: LeaseResource): Promise<number>
}

/** Responses that clients may go on from. They hold prompts and answers: kept sealed, only for the key that made them, and only for a time. */
export interface ResponseRoom {
  /** Keeps a response until it expires; one of the same id is replaced. The oldest ones of the key go where it has too many.
   * @throws StoreError `invalid-input`, `not-found` for the key */
  saveResponse(response: ResponseInput): Promise<void>
  /** `undefined` when the key has none of this id, or its time is over. */
  findResponse(place: ResponsePlace): Promise<StoredResponse | undefined>
  /** The newest response of the key that was saved with this item. */
  findResponseOfItem(keyId: string, itemId: string): Promise<StoredResponse | undefined>
  /** @returns whether there was one */
  removeResponse(place: ResponsePlace): Promise<boolean>
  /** Takes expired responses off the disk; nobody finds them before that either.
   * @returns how many */
  removeExpiredResponses(): Promise<number>
}

/** Usage records, written behind the request. */
export interface UsageRoom {
  /** Queues a record for the next batch (within 250 ms) and returns at once. A record with the same request id has no effect.
   * @returns whether the bounded queue had room; `false` is an alarm, never a reason to hold a request */
  recordUsage(record: UsageRecord): boolean
  /** Writes what this process has queued. */
  flushUsage(): Promise<void>
  /** One page, newest first; what this process has queued is written first.
   * @throws StoreError `invalid-input` for a cursor or limit out of bounds */
  listUsage(query?: UsageQuery): Promise<UsagePage>
  /** The record of one request. */
  getUsage(requestId: string): Promise<UsageRecord | undefined>
  /** Exact sums in integers; what this process has queued is written first. */
  sumUsage(filter?: UsageFilter): Promise<UsageSums>
}

/** Small facts about the installation, such as "the demo was removed". Not for secrets. */
export interface SettingRoom {
  readSetting(name: string): Promise<string | undefined>
  /** `undefined` removes it.
   * @throws StoreError `invalid-input` for a name over 100 or a value over 65,536 characters */
  writeSetting(name: string, value: string | undefined): Promise<void>
}

/** What a store is and how it is. */
export interface StoreHealth {
  readonly backend: 'sqlite' | 'redis'
  readonly schemaVersion: number
  /** Random, made once per data set. */
  readonly instanceId: string
  readonly isReadable: boolean
  readonly isWritable: boolean
  readonly usageQueue: UsageQueueState
}

/** The usage records of this process that are not written yet. */
export interface UsageQueueState {
  readonly waiting: number
  /** Records that found the queue full, since the start. Anything but 0 is an alarm. */
  readonly dropped: number
  /** Why the last batch could not be written; `undefined` when it was. */
  readonly lastError: string | undefined
}
