/**
 * The neutral model, and what reads and writes it: for those who want the typed events between two formats.
 *
 * @packageDocumentation
 */
import type { Codec } from './codec.ts'
import { codecs } from './format.ts'
import type { FormatName } from './model/format-name.ts'

/** What turns a format's bodies and events into the neutral model. */
export type Decoder = Pick<Codec, 'decodeRequest' | 'decodeAnswer' | 'createStreamDecoder' | 'decodeUsage'>

/** What writes the neutral model in a format. Total: what a format has no word for is reported. */
export type Encoder = Pick<
  Codec,
  'encodeRequest' | 'encodeAnswer' | 'createStreamEncoder' | 'encodeError' | 'encodeStreamError' | 'encodeUsage'
>

/** The decoder of every format that has one. */
export const decoders: { readonly [Format in FormatName]?: Decoder } = codecs

/** The encoder of every format that has one. */
export const encoders: { readonly [Format in FormatName]?: Encoder } = codecs

export { adaptRequest as normalise } from './adapt/adapt-request.ts'
export type { AdaptedRequest } from './adapt/adapt-request.ts'
export type { AdaptContext } from './adapt/adapt-context.ts'
export type { ToolNames } from './adapt/tool-names.ts'
export { createAnswerFold } from './convert/fold-answer.ts'
export type { AnswerFold } from './convert/fold-answer.ts'
export { foldAnswer as aggregate, unfoldAnswer as explode } from './convert/unfold-answer.ts'
export type {
  DecodeAnswerContext,
  DecodeRequestContext,
  EncodeAnswerContext,
  EncodedError,
  EncodedRequest,
  EncodeRequestContext,
  Shortcut,
  StreamDecoder,
  StreamEncoder,
} from './codec.ts'
export { createAnswerGuard } from './model/answer-grammar.ts'
export type { AnswerGuard, AnswerGuardInit, AnswerProgress, AnswerState } from './model/answer-grammar.ts'
export type { Answer, AnswerBlock } from './model/answer.ts'
export type { AnswerEvent, EmitEvent, OpenPart } from './model/answer-event.ts'
export type * from './model/chat-request.ts'
export type * from './model/content-part.ts'
export type { Seal, SealKind } from './model/seal.ts'
export type { LossReport, ReportLoss } from './model/loss.ts'
