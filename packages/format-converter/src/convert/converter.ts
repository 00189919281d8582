import type { UpstreamProfile } from '../adapt/profile.ts'
import { profiles } from '../adapt/profiles.ts'
import { ConversionError } from '../conversion-error.ts'
import { estimateTokens } from '../count/estimate-tokens.ts'
import { codecFor } from '../format.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import { DEFAULT_OPTIONS, type ConversionOptions } from '../options.ts'
import { currentTimeMs, randomId } from './ambient.ts'
import { encodeForUpstream, type ConvertedRequest } from './convert-request.ts'
import { factsOfBody } from './exchange-facts.ts'
import { createAnswerSide, type AnswerSide } from './exchange.ts'
import { createLossLedger, type LossLedger, type LossPolicy } from './loss-ledger.ts'

export interface ConverterOptions {
  /** The format the client speaks. */
  readonly client: FormatName
  /** The format requests are sent in. */
  readonly upstream: FormatName
  /** The format answers come back in; default the upstream's, recognised from the body. Naming one switches recognition off. */
  readonly answer?: FormatName | undefined
  /** What the target accepts; default by format and model from the shipped table. */
  readonly profile?: UpstreamProfile | ((model: string) => UpstreamProfile) | undefined
  /** Default `warn`. */
  readonly policy?: LossPolicy | undefined
  /** Hash of the account or organisation that reasoning proofs are bound to. */
  readonly seals?: { readonly issuer?: string | undefined } | undefined
  /** Hash for identities that are sent upstream; default a fast one that is not for security. */
  readonly hash?: ((text: string) => string) | undefined
  /** Counts a request's input tokens; default the shipped estimate. */
  readonly estimate?: ((request: ChatRequest) => number) | undefined
  /** Makes an id of 24 letters and digits; default random. */
  readonly ids?: (() => string) | undefined
  /** Unix time in milliseconds; default the clock. */
  readonly now?: (() => number) | undefined
  readonly onLoss?: ((loss: Loss) => void) | undefined
  readonly options?: Partial<ConversionOptions> | undefined
}

export interface ExchangeInit {
  /** The model to send, where it differs from the one the client asked for. */
  readonly model?: string | undefined
  /** Put into error bodies that have a place for it. */
  readonly requestId?: string | undefined
  /** Size of the client's body, for the estimate that some clients show; default the size of the parsed body. */
  readonly bodyBytes?: number | undefined
}

/** One request and the way back of its answer. */
export interface Exchange extends AnswerSide {
  /** The upstream's body. The very object that was given when formats and model are the same. */
  readonly request: JsonObject
  /** Endpoint below the version segment, e.g. `/chat/completions`. */
  readonly path: string
  /** Protocol headers of the upstream's format; never credentials. */
  readonly headers: Readonly<Record<string, string>>
  readonly losses: readonly Loss[]
  readonly wantsStream: boolean
}

/** A count request, answered by estimate. */
export interface TokenEstimate {
  readonly inputTokens: number
}

export interface Converter {
  /** Client and upstream speak the same format: bodies pass untouched. */
  readonly identity: boolean
  /**
   * Converts a request and prepares the way back.
   *
   * @throws ConversionError with kind, message and JSON Pointer
   */
  exchange(body: unknown, init?: ExchangeInit): Exchange
  /**
   * Estimates the input tokens of a request in the client's format.
   *
   * @throws ConversionError
   */
  count(body: unknown): TokenEstimate
}

/** Builds a converter for one pair of formats. It holds no state between exchanges. */
export function createConverter(init: ConverterOptions): Converter {
  const client = codecFor(init.client)
  const upstream = codecFor(init.upstream)
  const options = { ...DEFAULT_OPTIONS, ...init.options }
  const identity = init.client === init.upstream

  function exchange(body: unknown, { model, requestId, bodyBytes }: ExchangeInit = {}): Exchange {
    const object = requireObject(body)
    const ledger = createLossLedger({ client: init.client, upstream: init.upstream, onLoss: init.onLoss })
    const sentModel = model ?? (typeof object['model'] === 'string' ? object['model'] : '')
    const profile = profileFor(sentModel)
    const request = identity
      ? passRequest(object, model)
      : convertRequest(object, { model, profile, ledger, bodyBytes })
    const answers = createAnswerSide({
      facts: request.facts,
      profile,
      options,
      ledger,
      answerFormat: init.answer ?? init.upstream,
      recognisesAnswer: init.answer === undefined,
      newId: init.ids ?? randomId,
      nowMs: (init.now ?? currentTimeMs)(),
      issuer: init.seals?.issuer,
      requestId,
    })
    return {
      ...answers,
      request: request.body,
      path: upstream.endpoint,
      headers: request.headers,
      get losses() {
        return ledger.losses
      },
      wantsStream: request.facts.isStream,
    }
  }

  function convertRequest(body: JsonObject, step: RequestStep): ConvertedRequest {
    const { policy = 'warn', hash, seals } = init
    return encodeForUpstream(body, { ...step, client, upstream, options, policy, hash, issuer: seals?.issuer })
  }

  function passRequest(body: JsonObject, model: string | undefined): ConvertedRequest {
    const facts = factsOfBody(init.client, body)
    const changed = client.prepareIdentity(body)
    return {
      body: model === undefined || model === body['model'] ? changed : { ...changed, model },
      headers: {},
      facts,
    }
  }

  function profileFor(model: string): UpstreamProfile {
    if (typeof init.profile === 'function') return init.profile(model)
    return init.profile ?? profiles.resolve(init.upstream, model)
  }

  function count(body: unknown): TokenEstimate {
    const object = requireObject(body)
    const request = client.decodeRequest({ max_tokens: 1, ...object }, { report: () => {} })
    return { inputTokens: (init.estimate ?? estimateTokens)(request) }
  }

  return { identity, exchange, count }
}

interface RequestStep {
  readonly model: string | undefined
  readonly profile: UpstreamProfile
  readonly ledger: LossLedger
  readonly bodyBytes: number | undefined
}

function requireObject(body: unknown): JsonObject {
  if (isJsonObject(body)) return body
  throw new ConversionError('invalid_request', 'the body must be a JSON object', { param: '' })
}
