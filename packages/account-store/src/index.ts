export type { AcceptedLoss, LossPolicy } from './loss-policy.ts'
export { LOSS_POLICIES, stricterPolicy } from './loss-policy.ts'
export { fitsAddressList } from './address-list.ts'
export { makeFolder } from './make-folder.ts'
export { ACCOUNT_TYPES, DEFAULT_API_FORMATS, DEFAULT_COOLDOWN_POLICY, DEFAULT_TIMEOUTS } from './account.ts'
export { toAccountSettings } from './account-settings.ts'
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
  ClearableAccountField,
  Cooldown,
  CooldownCause,
  CooldownPolicy,
  DailyQuota,
  ErrorClassRule,
  FormatBaseUrls,
  ManagedBy,
  QuotaState,
  RefusedParameter,
} from './account.ts'
export { ADMIN_ROLES } from './admin-user.ts'
export type {
  AdminRole,
  AdminUser,
  AdminUserChange,
  AdminUserInput,
  FoundSession,
  IssuedSession,
  LoginAnswer,
  LoginAttempt,
  Session,
  SessionInput,
} from './admin-user.ts'
export type { ApiToken, ApiTokenInput, FoundApiToken, IssuedApiToken } from './api-token.ts'
export type { AuditActor, AuditEntry, AuditInput, AuditObject, AuditPage, AuditQuery } from './audit-entry.ts'
export { MAX_CAPTURE_CHARACTERS, MAX_CAPTURE_TTL_MS, MAX_CAPTURES, MAX_CAPTURING_MS } from './capture.ts'
export type { Capture, CaptureEntry, CaptureInput, Capturing, CapturingInput } from './capture.ts'
export type {
  Admission,
  AdmissionAnswer,
  AdmissionRequest,
  Bound,
  BoundHolder,
  BoundState,
  ReservedUse,
  SettledUse,
} from './admission.ts'
export type {
  BudgetHolder,
  BudgetHolderInput,
  BudgetHolderKind,
  BudgetHolderPlace,
  BudgetHolderSettings,
} from './budget-holder.ts'
export type { PlannedBudget, PlannedWindow, SubjectPlan } from './limits/plan-admission.ts'
export type { Rejection as RelayKeyRejection, RejectionCount, RejectionFilter } from './rejection.ts'
export type { AdmissionRoom } from './store/admission-room.ts'
export type { BudgetHolderRoom } from './store/budget-holder-room.ts'
export type { RejectionRoom } from './store/rejection-room.ts'
export { MAX_LEASE_TTL_MS } from './lease.ts'
export type { LeaseAnswer, LeaseRequest, LeaseResource, LeaseSettlement } from './lease.ts'
export { awaitsProbe, cooldownMs, runningCooldown } from './pool/cooldown.ts'
export { fitsPattern } from './pool/fits-pattern.ts'
export { mayServe } from './pool/may-serve.ts'
export { isNative, STRATEGIES } from './pool/order-accounts.ts'
export type { OrderFacts, Strategy } from './pool/order-accounts.ts'
export { pickAccounts } from './pool/pick-accounts.ts'
export { spentQuota } from './pool/spent-quota.ts'
export type { Candidate, PickRequest, Ranking, Rejection, RejectionReason } from './pool/pick-accounts.ts'
export { calendarPeriod } from './limits/calendar.ts'
export type { CalendarPeriod, PeriodRequest } from './limits/calendar.ts'
export { BUDGET_PERIODS, budgetLimit } from './limits/limits.ts'
export type { BudgetPeriod, CostBudget, Limits, RateCount, RateLimit } from './limits/limits.ts'
export { openRedisStore } from './redis/open-redis-store.ts'
export type { RedisStoreOptions } from './redis/open-redis-store.ts'
export { describeConnection } from './redis/redis-connection.ts'
export type { RedisAccess, RedisAddress, RedisConnection, RedisTls } from './redis/redis-connection.ts'
export { MAX_OVERLAP_MS, relayKeyEnd, relayKeyStatus } from './relay-key.ts'
export { toRelayKeySettings } from './relay-key-settings.ts'
export type {
  ClearableKeyField,
  ConcurrencyQueue,
  DeclaredRelayKey,
  ForeignHash,
  ForeignRelayKey,
  IssuedRelayKey,
  SecretRotation,
  RelayKey,
  RelayKeyChange,
  RelayKeyInput,
  RelayKeyPermissions,
  RelayKeySettings,
  RelayKeyStatus,
} from './relay-key.ts'
export { backUpSqliteStore, verifySqliteFile } from './sqlite/backup-file.ts'
export type { BackupFacts, BackupOrder } from './sqlite/backup-file.ts'
export { restoreSqliteStore } from './sqlite/restore-file.ts'
export type { RestoreOrder, RestoreOutcome } from './sqlite/restore-file.ts'
export { openSqliteStore } from './sqlite/open-sqlite-store.ts'
export type { SqliteStoreOptions } from './sqlite/open-sqlite-store.ts'
export type { AccountRoom, OpenedCredential, OpenedProxyUrl } from './store/account-room.ts'
export type { AccountStateRoom, CooldownAlternative, CooldownRequest } from './store/account-state-room.ts'
export type { AccountStore } from './store/account-store.ts'
export type { AdminRoom, PasswordChange } from './store/admin-room.ts'
export type { ApiTokenRoom } from './store/api-token-room.ts'
export type { AuditRoom } from './store/audit-room.ts'
export type { CaptureRoom } from './store/capture-room.ts'
export type { ConfigDeclaration, ConfigOutcome, ConfigRoom } from './store/config-room.ts'
export type { LeaseRoom } from './store/lease-room.ts'
export { ShownSecret } from './shown-secret.ts'
export type { RelayKeyRoom } from './store/relay-key-room.ts'
export { MAX_PLACE_TTL_MS } from './place.ts'
export type { Place, PlaceInput, PlaceKind } from './place.ts'
export type { PlaceRoom } from './store/place-room.ts'
export type { ResponseRoom } from './store/response-room.ts'
export type { SessionRoom } from './store/session-room.ts'
export type { SettingRoom } from './store/setting-room.ts'
export type { StoreHealth, UsageQueueState } from './store/store-health.ts'
export type { UsageRoom } from './store/usage-room.ts'
export { MAX_RESPONSE_CHARACTERS } from './stored-response.ts'
export type { ResponseInput, ResponsePlace, StoredResponse } from './stored-response.ts'
export { StoreError } from './store-error.ts'
export type { FieldRule, StoreErrorCode } from './store-error.ts'
export type {
  CostSource,
  TokenCounts,
  UsageAttempt,
  UsageBreakdown,
  UsageBreakdownQuery,
  UsageCostChange,
  UsageExtras,
  UsageFilter,
  UsageGroupKind,
  UsageLatency,
  UsageLoss,
  UsageLossCount,
  UsagePage,
  UsageQuery,
  UsageReason,
  UsageRecord,
  UsageRetention,
  UsageSource,
  UsageSums,
} from './usage-record.ts'
export { USAGE_GROUPS } from './usage-record.ts'
export { secretColumns, TRANSFER_TABLES } from './transfer.ts'
export type { TransferRow, TransferTable, UsageHistoryEntry } from './transfer.ts'
export type { KeyRoom, KeyRotation, RotationOutcome } from './store/key-room.ts'
export type { TransferOptions, TransferRoom } from './store/transfer-room.ts'
export type { WireFormat } from './wire-format.ts'
