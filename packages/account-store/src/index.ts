export type { AcceptedLoss, LossPolicy } from './loss-policy.ts'
export { stricterPolicy } from './loss-policy.ts'
export { ACCOUNT_TYPES, DEFAULT_API_FORMATS, DEFAULT_TIMEOUTS } from './account.ts'
export type {
  Account,
  AccountApiFormat,
  AccountAttention,
  AccountChange,
  AccountError,
  AccountInput,
  AccountResponseFormat,
  AccountSettings,
  AccountState,
  AccountTimeouts,
  AccountType,
  Cooldown,
  CooldownCause,
  FormatBaseUrls,
  ManagedBy,
} from './account.ts'
export type {
  AdminUser,
  AdminUserInput,
  FoundSession,
  IssuedSession,
  LoginAnswer,
  LoginAttempt,
  Session,
  SessionInput,
} from './admin-user.ts'
export { MAX_LEASE_TTL_MS } from './lease.ts'
export type { LeaseAnswer, LeaseRequest, LeaseResource } from './lease.ts'
export { cooldownMs, runningCooldown } from './pool/cooldown.ts'
export { fitsPattern } from './pool/fits-pattern.ts'
export { isNative, pickAccounts } from './pool/pick-accounts.ts'
export type { Candidate, PickRequest, Ranking, Rejection, RejectionReason } from './pool/pick-accounts.ts'
export { relayKeyStatus } from './relay-key.ts'
export type {
  DeclaredRelayKey,
  IssuedRelayKey,
  RelayKey,
  RelayKeyChange,
  RelayKeyInput,
  RelayKeyPermissions,
  RelayKeySettings,
  RelayKeyStatus,
} from './relay-key.ts'
export { openSqliteStore } from './sqlite/open-sqlite-store.ts'
export type { SqliteStoreOptions } from './sqlite/open-sqlite-store.ts'
export type {
  AccountRoom,
  AccountStateRoom,
  AccountStore,
  AdminRoom,
  ConfigDeclaration,
  ConfigOutcome,
  ConfigRoom,
  CooldownAlternative,
  CooldownRequest,
  LeaseRoom,
  OpenedCredential,
  PasswordChange,
  RelayKeyRoom,
  ResponseRoom,
  SessionRoom,
  SettingRoom,
  StoreHealth,
  UsageQueueState,
  UsageRoom,
} from './store.ts'
export { MAX_RESPONSE_CHARACTERS } from './stored-response.ts'
export type { ResponseInput, ResponsePlace, StoredResponse } from './stored-response.ts'
export { StoreError } from './store-error.ts'
export type { StoreErrorCode } from './store-error.ts'
export type {
  TokenCounts,
  UsageAttempt,
  UsageFilter,
  UsageLoss,
  UsagePage,
  UsageQuery,
  UsageReason,
  UsageRecord,
  UsageSource,
  UsageSums,
} from './usage-record.ts'
export type { WireFormat } from './wire-format.ts'
