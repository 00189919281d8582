export { chooseUpstreamFormat, spokenFormats } from './choose-format.ts'
export { backoffMs, classifyFailure, cooldownMs } from './failure/classify-failure.ts'
export type {
  AttentionReason,
  CooldownCause,
  FailureContext,
  FailureDecision,
  FailureEvidence,
  RestTimes,
} from './failure/classify-failure.ts'
export { classByRules, errorClasses } from './failure/error-classes.ts'
export type { ErrorAnswer, ErrorClassRule } from './failure/error-classes.ts'
export { readRefusedParameter, replacementOf } from './failure/refused-parameter.ts'
export type { AskedRequest, ParameterPath } from './failure/refused-parameter.ts'
export { exactModelNames, resolveModel } from './models.ts'
export type { ModelMap } from './models.ts'
export type { FormatFinding } from './probe/find-formats.ts'
export type { ProbeFindings } from './probe/judge-probe.ts'
export { probeAccount } from './probe/probe-account.ts'
export type { AccountProbeReport, AccountProbeStep } from './probe/probe-account.ts'
export type { ProbeName } from './probe/probe-requests.ts'
export { testAccount } from './probe/test-account.ts'
export type { AccountTestOptions, AccountTestReport, AccountTestStep } from './probe/test-account.ts'
export { RECOGNITION_BYTES, recogniseAnswerFormat } from './recognise-answer.ts'
export { pickRetryHeaders, readProcessingMs, readUpstreamRequestId } from './send/answer-headers.ts'
export { createSender } from './send/create-sender.ts'
export type { SenderOptions } from './send/create-sender.ts'
export { createNetworkGuard, splitAllowRules } from './send/network-guard.ts'
export type { GuardTarget, NetworkGuard, NetworkGuardOptions } from './send/network-guard.ts'
export { readProxyUrl } from './send/proxy-url.ts'
export type { Proxy } from './send/proxy-url.ts'
export { buildRequestHeaders, checkAccountHeader } from './send/request-headers.ts'
export type { ClientHeaders, RequestHeaderFacts } from './send/request-headers.ts'
export { clientRetryAfterSeconds, readRetryAfterMs } from './send/retry-after.ts'
export { defaultTimeouts, exchangeTimeouts, resolveTimeouts } from './send/timeouts.ts'
export type {
  AnswerProgress,
  ExchangeTimeouts,
  Sender,
  TransportFailure,
  TransportFailureCode,
  UpstreamCall,
  UpstreamHandler,
  UpstreamHeaders,
  UpstreamRequest,
  UpstreamRoute,
  WholeAnswer,
  WholeOptions,
  WholeResult,
} from './send/upstream-call.ts'
export { accountTypes, isAccountType } from './types/account-types.ts'
export type { AccountTypeFacts } from './types/account-types.ts'
export { connectionOf, findPreset, presets } from './types/presets.ts'
export type { Preset, PresetConnection, PresetEndpoint } from './types/presets.ts'
export { UpstreamError } from './upstream-error.ts'
export type { UpstreamErrorCode } from './upstream-error.ts'
export type {
  AccountType,
  ApiFormat,
  ApiFormatSetting,
  AuthScheme,
  ResponseFormatSetting,
  UpstreamAccount,
  UpstreamChoice,
  UpstreamTimeouts,
} from './upstream.ts'
export { buildSiblingUrl, buildUpstreamUrl, parseBaseUrl } from './url.ts'
export type { UrlOptions } from './url.ts'
