export { UpstreamError } from './upstream-error.ts'
export type { UpstreamErrorCode } from './upstream-error.ts'
export { defaultTimeouts, resolveTimeouts } from './upstream.ts'
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
export { accountTypes, isAccountType } from './types/account-types.ts'
export type { AccountTypeFacts } from './types/account-types.ts'
export { findPreset, presets } from './types/presets.ts'
export type { Preset, PresetEndpoint } from './types/presets.ts'
export type {
  ExchangeTimeouts,
  Sender,
  TransportFailure,
  TransportFailureCode,
  UpstreamCall,
  UpstreamHandler,
  UpstreamHeaders,
  UpstreamRequest,
  WholeAnswer,
  WholeOptions,
  WholeResult,
} from './send/upstream-call.ts'
