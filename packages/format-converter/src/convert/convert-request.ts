import type { AdaptContext } from '../adapt/adapt-context.ts'
import { adaptRequest } from '../adapt/adapt-request.ts'
import { keepEssentials } from '../adapt/keep-essentials.ts'
import type { UpstreamProfile } from '../adapt/profile.ts'
import { stripReasoning } from '../adapt/strip-reasoning.ts'
import type { Codec } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { JsonObject } from '../model/json.ts'
import type { ConversionOptions } from '../options.ts'
import { jsonSize } from '../wire/json-size.ts'
import { factsOfRequest, type ExchangeFacts } from './exchange-facts.ts'
import { refuseLosses, type LossLedger, type LossPolicy } from './loss-ledger.ts'
import type { RequestRepair } from './repair-passing.ts'
import { DEEP_REQUEST } from './within-depth.ts'

export interface RequestConversion {
  readonly client: Codec
  readonly upstream: Codec
  readonly profile: UpstreamProfile
  readonly options: ConversionOptions
  readonly policy: LossPolicy
  readonly ledger: LossLedger
  /** The model to send; `undefined` = the client's own. */
  readonly model?: string | undefined
  /** Size of the client's body; default that of its JSON. */
  readonly bodyBytes?: number | undefined
  /** Members that the answer repeats in place of those of the body. */
  readonly repeats?: JsonObject | undefined
  readonly issuer?: string | undefined
  readonly hash?: ((text: string) => string) | undefined
  /** Leave out what the upstream refused, or is bound to refuse. */
  readonly repair?: RequestRepair | undefined
  /** The body asks for a token count. */
  readonly isCount?: boolean | undefined
}

export interface ConvertedRequest {
  readonly body: JsonObject
  readonly headers: Readonly<Record<string, string>>
  readonly facts: ExchangeFacts
}

/**
 * Decodes, adapts to the target, encodes.
 *
 * @throws ConversionError for a body that is wrong or that cannot be carried, and for losses that the policy refuses
 */
export function encodeForUpstream(body: JsonObject, conversion: RequestConversion): ConvertedRequest {
  const { client, upstream, profile, options, ledger } = conversion
  const report = (loss: Parameters<LossLedger['report']>[1]): void => ledger.report('request', loss)
  try {
    const decoded = client.decodeRequest(body, { report, isCount: conversion.isCount === true })
    const context = { profile, options, issuer: conversion.issuer, hash: conversion.hash, report }
    const asked = { ...decoded, model: conversion.model ?? decoded.model }
    const adapted = adaptRequest(repaired(asked, conversion.repair, context), context)
    const encoded = upstream.encodeRequest(adapted.request, { profile, options, report })
    refuseLosses(conversion.policy, ledger.losses)
    const facts = factsOfRequest({
      request: decoded,
      upstream: upstream.format,
      renamedTools: adapted.toolNames.entries,
      toolNames: options.filters.includes('parallelWrapper')
        ? adapted.request.tools.map(({ name }) => name)
        : undefined,
      inputTokenEstimate: decoded.stream ? estimateFromSize(conversion.bodyBytes ?? jsonSize(body)) : undefined,
      repeatedMembers: client.repeatedMembers?.({ ...body, ...conversion.repeats }),
    })
    return { body: encoded.body, headers: encoded.headers, facts }
  } catch (error) {
    throw withLosses(error, ledger)
  }
}

/** What other vendors proved is left out by every conversion, repaired or not. */
function repaired(request: ChatRequest, repair: RequestRepair | undefined, context: AdaptContext): ChatRequest {
  if (repair === 'minimal') return keepEssentials(stripReasoning(request, context), context)
  return repair === 'strip-reasoning' ? stripReasoning(request, context) : request
}

/** Four bytes a token: shown by some clients while a stream runs, never recorded. */
function estimateFromSize(bodyBytes: number): number {
  return Math.ceil(bodyBytes / 4)
}

/** Too deep nesting shows as a RangeError wherever it overflows the stack. */
function withLosses(error: unknown, ledger: LossLedger): unknown {
  if (error instanceof RangeError) {
    return new ConversionError(DEEP_REQUEST.kind, DEEP_REQUEST.message, { losses: ledger.losses, cause: error })
  }
  if (!ConversionError.is(error) || error.losses.length > 0) return error
  return new ConversionError(error.kind, error.message, {
    param: error.param,
    details: error.details,
    losses: ledger.losses,
    cause: error,
  })
}
