import type { ProfileChoice } from '../adapt/profile.ts'
import { profileOf, profiles } from '../adapt/profiles.ts'
import { ConversionError } from '../conversion-error.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import { redact } from '../failure/redact.ts'
import type { RequestInputOf, RequestOf, ResponseOf, UsageOf } from '../format-types.ts'
import { allCodecs, codecFor } from '../format.ts'
import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import { knowsTokens, type Usage } from '../model/usage.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import { currentTimeMs, randomId } from './ambient.ts'
import { encodeForUpstream } from './convert-request.ts'
import { describeFailure, type ConvertedError } from './converted-error.ts'
import { factsOfBody, type ExchangeFacts } from './exchange-facts.ts'
import { createAnswerSide, type AnswerSide } from './exchange.ts'
import { toHeaderRecord, type HeadersLike } from './headers-like.ts'
import { createLossLedger } from './loss-ledger.ts'
import type { ConvertingTransform } from './transform-stream.ts'

/** `from` and `to` name the direction in which this piece of data travels. */
interface Direction<From extends FormatName = FormatName, To extends FormatName = FormatName> {
  readonly from: From
  readonly to: To
}

/** A request and the formats it goes between. */
export interface RequestInput<
  From extends FormatName = FormatName,
  To extends FormatName = FormatName,
> extends Direction<From, To> {
  readonly body: RequestInputOf<From>
  readonly profile?: ProfileChoice
  /** Refuse degraded and lossy conversions. */
  readonly strict?: boolean
}

/** A request in the upstream's format. */
export interface RequestOutput<To extends FormatName = FormatName> {
  readonly body: RequestOf<To>
  readonly headers: Readonly<Record<string, string>>
  readonly losses: readonly Loss[]
  /** What the answer's conversion needs of this request; plain JSON. */
  readonly context: ExchangeFacts
}

/**
 * Converts one request.
 *
 * @throws ConversionError
 */
export function convertRequest<From extends FormatName, To extends FormatName>(
  input: RequestInput<From, To>,
): RequestOutput<To>
export function convertRequest({ from, to, body, profile, strict }: RequestInput): RequestOutput {
  if (!isJsonObject(body)) throw new ConversionError('invalid_request', 'the body must be a JSON object', { param: '' })
  if (from === to) return { body, headers: {}, losses: [], context: factsOfBody(from, body) }
  const ledger = createLossLedger({ client: from, upstream: to })
  const model = typeof body['model'] === 'string' ? body['model'] : ''
  const converted = encodeForUpstream(body, {
    client: codecFor(from),
    upstream: codecFor(to),
    profile: profileOf(to, model, profile),
    options: DEFAULT_OPTIONS,
    policy: strict === true ? 'reject' : 'warn',
    ledger,
  })
  return { body: converted.body, headers: converted.headers, losses: ledger.losses, context: converted.facts }
}

/** What is known of an answer beside its body. */
export interface AnswerInput<
  From extends FormatName = FormatName,
  To extends FormatName = FormatName,
> extends Direction<From, To> {
  /** What {@link convertRequest} returned; without it names stay as the upstream spells them. */
  readonly context?: ExchangeFacts
}

/** A whole answer in the client's format. */
export interface AnswerOutput<To extends FormatName = FormatName> {
  readonly body: ResponseOf<To>
  readonly losses: readonly Loss[]
  readonly usage: Usage | undefined
}

/**
 * Converts one whole answer.
 *
 * @throws ConversionError when the body is an error or no answer
 */
export function convertResponse<From extends FormatName, To extends FormatName>(
  input: AnswerInput<From, To> & { readonly body: unknown },
): AnswerOutput<To>
export function convertResponse({ from, to, body, context }: AnswerInput & { readonly body: unknown }): AnswerOutput {
  const { body: converted, losses, usage } = answerSide({ from, to, context }).response(body)
  return { body: converted, losses, usage }
}

/** Converts a stream: pipe the upstream's bytes through it. */
export function convertStream(input: AnswerInput): ConvertingTransform {
  return answerSide(input).transform()
}

/** Converts an upstream's error answer. */
export function convertError<To extends FormatName>(input: Direction<FormatName, To> & ErrorInput): ConvertedError<To>
export function convertError({ from, to, status, body, headers = {} }: Direction & ErrorInput): ConvertedError {
  codecFor(from)
  return describeFailure({ codec: codecFor(to), failure: decodeFailure(status, body, toHeaderRecord(headers)) })
}

interface ErrorInput {
  readonly status: number
  readonly body: unknown
  readonly headers?: HeadersLike
}

/** Converts a usage object; `undefined` when it holds no usable number. */
export function convertUsage<To extends FormatName>(
  input: Direction<FormatName, To> & { readonly usage: unknown },
): UsageOf<To> | undefined
export function convertUsage({ from, to, usage }: Direction & { readonly usage: unknown }): JsonObject | undefined {
  const known = isJsonObject(usage) ? codecFor(from).decodeUsage(usage) : undefined
  return knowsTokens(known) ? codecFor(to).encodeUsage(known) : undefined
}

function answerSide({ from, to, context }: AnswerInput): AnswerSide {
  const facts = context ?? { ...factsOfBody(to, {}), wantsStreamUsage: true }
  return createAnswerSide({
    codecs: allCodecs,
    facts: { ...facts, client: to, upstream: from },
    profile: profiles.resolve(from, facts.model),
    options: DEFAULT_OPTIONS,
    ledger: createLossLedger({ client: to, upstream: from }),
    answerFormat: from,
    recognisesAnswer: false,
    newId: randomId,
    nowMs: currentTimeMs(),
    now: currentTimeMs,
  })
}

/** Writes trouble that the caller itself met in a client's format. */
export function convertFailure<To extends FormatName>(input: FailureInput<To>): ConvertedError<To>
export function convertFailure({ to, failure, requestId }: FailureInput): ConvertedError {
  return describeFailure({ codec: codecFor(to), failure: { ...failure, message: redact(failure.message) }, requestId })
}

interface FailureInput<To extends FormatName = FormatName> {
  readonly to: To
  readonly failure: Failure
  readonly requestId?: string | undefined
}
