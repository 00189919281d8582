/**
 * Converts requests, answers, streams, errors and usage between the wire formats of LLM APIs, and reports everything that
 * could not be carried.
 *
 * @packageDocumentation
 */
export { ConversionError } from './conversion-error.ts'
export { createConverter } from './convert/create-converter.ts'
export type { Converter } from './convert/converter.ts'
export type { ConverterOptions } from './convert/converter-options.ts'
export type { CarriedExchange, Exchange, ExchangeInit, SentExchange } from './convert/open-exchange.ts'
export type { CountAnswer, CountExchange, CountQuestion } from './convert/count-exchange.ts'
export type { Aggregator, AnswerSide, ConvertedAnswer } from './convert/exchange.ts'
export type { ExchangeFacts, RenamedTool } from './convert/exchange-facts.ts'
export type { ByteStreamConverter, StreamConverter, StreamStats, AnswerStream } from './convert/answer-stream.ts'
export type { ConvertedError } from './convert/converted-error.ts'
export type { ConvertingTransform } from './convert/transform-stream.ts'
export {
  convertError,
  convertFailure,
  convertRequest,
  convertResponse,
  convertStream,
  convertUsage,
} from './convert/one-shots.ts'
export type { AnswerInput, AnswerOutput, RequestInput, RequestOutput } from './convert/one-shots.ts'
export type { HeadersLike } from './convert/headers-like.ts'
export type {
  CountInputOf,
  ErrorOf,
  EventOf,
  FormatTypes,
  RequestInputOf,
  RequestOf,
  ResponseOf,
  UsageOf,
} from './format-types.ts'
export { detectFormat, recogniseAnswerFormat } from './convert/recognise-format.ts'
export type { LossPolicy } from './convert/loss-ledger.ts'
export type { HeaderChanges } from './convert/rule-desk.ts'
export type { CompiledRules } from './rules/compiled-rules.ts'
export { profiles } from './adapt/profiles.ts'
export type {
  ModelCapabilities,
  ProfileChoice,
  ProfileOverrides,
  UpstreamDialect,
  UpstreamProfile,
} from './adapt/profile.ts'
export type { RequestRepair } from './convert/repair-passing.ts'
export type { ResponseStore } from './codec.ts'
export { decodeFailure } from './failure/decode-failure.ts'
export { redact } from './failure/redact.ts'
export { readSealIssuer } from './wire/seal-envelope.ts'
export { parseBody, toJsonText } from './wire/raw-json.ts'
export { parseSpan, scanTopLevel, spliceTopLevel } from './wire/scan-top-level.ts'
export { endOfJsonString } from './wire/string-end.ts'
export type { TopLevel, ValueSpan } from './wire/scan-top-level.ts'
export { DEFAULT_OPTIONS } from './options.ts'
export type { ConversionOptions } from './options.ts'
export type { ErrorKind, Failure } from './model/failure.ts'
export type { FormatName } from './model/format-name.ts'
export type { JsonObject, JsonValue } from './model/json.ts'
export { LOSS_CODES } from './model/loss.ts'
export type { Loss, LossCode, LossDetail, LossLevel, LossStage } from './model/loss.ts'
export type { StopReason } from './model/stop-reason.ts'
export type { Usage } from './model/usage.ts'
