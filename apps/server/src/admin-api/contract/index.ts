/*
 * What the panel and the server say to each other under `/admin/api`: schemas, and the types they give.
 *
 * Runs in the browser too, so it imports nothing but zod. A number that is not known is absent, never 0.
 * Times are milliseconds since the epoch, costs millionths of a US dollar.
 */
export { ADMIN_API_PATH, PANEL_PATH, PROOF_HEADER } from './places.ts'
export { adminRoleSchema, tokenScopeSchema } from './access.ts'
export type { AdminRoleName, TokenScope } from './access.ts'
export { adminErrorCodeSchema, adminErrorSchema } from './errors.ts'
export type { AdminErrorCode, AdminErrorBody, FieldRule } from './errors.ts'
export {
  MIN_PASSWORD_LENGTH,
  MAX_PASSWORD_LENGTH,
  signInSchema,
  passwordChangeSchema,
  sessionStateSchema,
  sessionEntrySchema,
  sessionListSchema,
} from './sessions.ts'
export type { SignIn, PasswordChangeBody, SessionState, SessionEntry, SessionList } from './sessions.ts'
export { wireFormatSchema, lossLevelSchema } from './formats.ts'
export type { AdminWireFormat, LossLevel } from './formats.ts'
export {
  requestReasonSchema,
  tokenCountsSchema,
  requestSummarySchema,
  requestAttemptSchema,
  requestLossSchema,
  requestDetailSchema,
  requestQuerySchema,
  requestPageSchema,
} from './requests.ts'
export type {
  RequestReason,
  AdminTokenCounts,
  RequestSummary,
  RequestAttempt,
  RequestLoss,
  RequestDetail,
  RequestQuery,
  RequestPage,
} from './requests.ts'
export { nameListSchema, nameQuerySchema } from './names.ts'
export type { NameEntry, NameList } from './names.ts'
export { aboutSchema } from './about.ts'
export type { About } from './about.ts'
export {
  adminSchema,
  adminListSchema,
  adminInputSchema,
  adminChangeSchema,
  adminWithPasswordSchema,
  apiTokenSchema,
  apiTokenListSchema,
  apiTokenInputSchema,
  issuedApiTokenSchema,
} from './admins.ts'
export type {
  Admin,
  AdminList,
  AdminInput,
  AdminChange,
  AdminWithPassword,
  ApiTokenView,
  ApiTokenList,
  ApiTokenInputBody,
  IssuedApiTokenView,
} from './admins.ts'
export { auditActionSchema, auditEntrySchema, auditQuerySchema, auditPageSchema } from './audit.ts'
export type { AuditAction, AuditEntryView, AuditQueryView, AuditPageView } from './audit.ts'
export {
  CAPTURE_LIMITS,
  captureContentSchema,
  captureDefaultsSchema,
  captureListSchema,
  capturingInputSchema,
  replayInputSchema,
  replaySchema,
} from './captures.ts'
export type {
  CaptureContent,
  CaptureDefaultsView,
  CaptureList,
  CaptureSummary,
  CapturingEntry,
  CapturingInputBody,
  Replay,
  ReplayedSide,
  ReplayInput,
} from './captures.ts'
export { ruleBookSchema, ruleInputSchema, rulePlaceListSchema, ruleVersionSourceSchema } from './rules.ts'
export type { RuleBookEntry, RuleInput, RulePlaceList, RuleVersion, RuleVersionSource } from './rules.ts'
export { acceptedLossListSchema, acceptLossSchema } from './accepted-losses.ts'
export type { AcceptedLossEntry, AcceptedLossList, AcceptLossBody } from './accepted-losses.ts'
export { ENDPOINTS } from './endpoints.ts'
export { requestFilterSchema, usageSourceSchema, costSourceSchema } from './requests.ts'
export type { RequestFilter } from './requests.ts'
export {
  liveSchema,
  requestExportQuerySchema,
  usageBreakdownQuerySchema,
  usageBreakdownSchema,
  usageExportQuerySchema,
  usageGroupSchema,
  usageSummarySchema,
  usedPricesSchema,
} from './usage.ts'
export type {
  AdminUsageBreakdown,
  AdminUsageSums,
  LiveNumbers,
  UsageBreakdownQueryInput,
  UsageGroup,
  UsageSpan,
  UsageSummary,
  UsedPrices,
} from './usage.ts'
export {
  accountTypeSchema,
  upstreamApiSchema,
  apiFormatSchema,
  responseFormatSchema,
  lossPolicySchema,
  accountInputSchema,
  accountChangeSchema,
  accountStatusSchema,
  accountSchema,
  accountListSchema,
  accountOptionsSchema,
  accountPreviewInputSchema,
  accountPreviewSchema,
  testStepSchema,
  accountTestSchema,
  accountTestInputSchema,
  draftTestInputSchema,
} from './accounts.ts'
export type {
  AccountTypeName,
  UpstreamApi,
  ApiFormatChoice,
  ResponseFormatChoice,
  LossPolicyChoice,
  AccountInputBody,
  AccountChangeBody,
  AccountStatus,
  AccountView,
  AccountList,
  AccountOptions,
  AccountPreviewInput,
  AccountPreview,
  TestStep,
  AccountTest,
  DraftTestInput,
} from './accounts.ts'
export {
  probeChangeSchema,
  accountProbeSchema,
  probeApplySchema,
  accountCloneSchema,
  accountBulkSchema,
  bulkOutcomeSchema,
  accountExportInputSchema,
  accountFileSchema,
  accountImportInputSchema,
  accountImportSchema,
} from './account-actions.ts'
export type {
  ProbeChangeView,
  AccountProbe,
  AccountBulk,
  BulkOutcome,
  AccountFile,
  AccountImport,
} from './account-actions.ts'
export {
  keyInputSchema,
  keyChangeSchema,
  keyStatusSchema,
  limitUseSchema,
  keySchema,
  keyListSchema,
  issuedKeySchema,
  keyBulkSchema,
  keyRotateSchema,
} from './keys.ts'
export type { KeyInputBody, KeyChangeBody, KeyStatus, LimitUse, KeyView, KeyList, IssuedKey, KeyBulk } from './keys.ts'
export {
  webhookChangeSchema,
  webhookEventSchema,
  webhookInputSchema,
  webhookKindSchema,
  webhookListSchema,
  webhookSchema,
  webhookTestSchema,
} from './webhooks.ts'
export type {
  WebhookChange,
  WebhookEvent,
  WebhookInput,
  WebhookKind,
  WebhookList,
  WebhookTest,
  WebhookView,
} from './webhooks.ts'
export {
  backupListSchema,
  networkGuardSchema,
  ownPricesSchema,
  priceCheckSchema,
  priceTextSchema,
  retentionSchema,
} from './upkeep.ts'
export type { BackupList, NetworkGuardView, OwnPrices, PriceCheck, Retention } from './upkeep.ts'
export { routingInputSchema, routingSchema, routingStrategySchema } from './routing.ts'
export type { RoutingInput, RoutingStrategy, RoutingView } from './routing.ts'
export { apiReferenceSchema } from './reference.ts'
export type { ApiOperation, ApiReference } from './reference.ts'
export { accountStripSchema, conversionHealthSchema } from './health.ts'
export type { AccountHealth, AccountStrip, ConversionHealth } from './health.ts'
export { explanationSchema } from './explain.ts'
export type { Explanation } from './explain.ts'
export { performanceSchema, sendInputSchema, sendOutcomeSchema } from './performance.ts'
export type { ConversionPerformance, SendInput, SendOutcome } from './performance.ts'
export { holderKindSchema, holderListSchema, holderInputSchema } from './keys.ts'
export type { HolderView, HolderList, HolderInputBody } from './keys.ts'
export { ownKeySchema, ownModelsSchema, ownUsageSchema } from './stats.ts'
export type { OwnKey, OwnUsage } from './stats.ts'
export { priceTableSchema, priceTableInputSchema, repriceInputSchema, repriceSchema } from './prices.ts'
export type { PriceTableView, Reprice, RepriceInput } from './prices.ts'
export {
  MIN_PASSPHRASE_LENGTH,
  backupFactsSchema,
  crsInputSchema,
  crsOutcomeSchema,
  dataExportInputSchema,
  dataExportedSchema,
  dataImportInputSchema,
  dataStateSchema,
  exportFactsSchema,
  keyRotatedSchema,
  renewingSchema,
  restoreInputSchema,
  rotateKeyInputSchema,
  uploadedSchema,
  workLineSchema,
} from './data.ts'
export type {
  BackupFactsView,
  CrsInput,
  CrsOutcome,
  DataExported,
  DataExportInput,
  DataImportInput,
  DataState,
  ExportFacts,
  KeyRotated,
  Renewing,
  RestoreInput,
  RotateKeyInput,
  Uploaded,
  WorkLine,
} from './data.ts'
export { errorClassNameSchema } from './error-classes.ts'
export type { ErrorClassName } from './error-classes.ts'
