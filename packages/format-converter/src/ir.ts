/**
 * The neutral model and the codecs: for those who want the typed events between two formats, or add a format of their
 * own.
 *
 * @packageDocumentation
 */
export { adaptRequest } from './adapt/adapt-request.ts'
export { createAnswerFold } from './convert/fold-answer.ts'
export type { AnswerFold } from './convert/fold-answer.ts'
export { codecFor, codecs } from './format.ts'
export type {
  Codec,
  DecodeAnswerContext,
  DecodeRequestContext,
  EncodeAnswerContext,
  EncodedError,
  EncodedRequest,
  EncodeRequestContext,
  StreamDecoder,
  StreamEncoder,
  StreamTap,
  TapReading,
} from './codec.ts'
export { createAnswerGuard } from './model/answer-grammar.ts'
export type { AnswerGuard, AnswerGuardInit, AnswerProgress, AnswerState } from './model/answer-grammar.ts'
export type { Answer, AnswerBlock } from './model/answer.ts'
export type { AnswerEvent, EmitEvent, OpenPart } from './model/answer-event.ts'
export type * from './model/chat-request.ts'
export type * from './model/content-part.ts'
export type { Seal, SealKind } from './model/seal.ts'
export type { LossReport, ReportLoss } from './model/loss.ts'
