import { hash } from 'node:crypto'

import type { Candidate } from '@relay/account-store'
import {
  type CompiledRules,
  type Converter,
  createConverter,
  type Exchange,
  type ExchangeInit,
  type JsonObject,
  type RequestRepair,
} from '@relay/format-converter'
import type { UpstreamChoice } from '@relay/upstreams'

import { accountProfile } from './account-profile.ts'
import { holdsEnvelopes, sealIssuer } from './affinity.ts'
import type { Envelope } from './envelope.ts'
import type { LiveRequest } from './live-request.ts'
import { lossPolicyFor } from './loss-policy.ts'
import { type FetchedMedia, inlineMedia } from './media/media-places.ts'
import { newPlainId } from './request-ids.ts'

/** Whose request it is, and who is to answer it. */
export interface ExchangePlan {
  readonly live: Pick<LiveRequest, 'id' | 'format' | 'facts'>
  readonly candidate: Candidate
  readonly rules: CompiledRules | undefined
  /** The upstream refused a proof of earlier reasoning: this is the one try without them. */
  readonly withoutProofs: boolean
  /** Pictures and documents by their addresses, for an upstream that takes only bytes. */
  readonly media?: ReadonlyMap<string, FetchedMedia> | undefined
}

/** The request as this account needs it, before it is converted. */
export interface ExchangeRequest {
  readonly choice: UpstreamChoice
  readonly isSameFormat: boolean
  readonly envelope: Envelope
  readonly repeats: JsonObject | undefined
}

export interface OpenedExchange {
  /** What the converter was given: the members it needs, or the whole body. */
  readonly source: JsonObject
  readonly exchange: Exchange
}

/** @throws ConversionError when the request cannot be carried */
export function openExchange(plan: ExchangePlan, request: ExchangeRequest): OpenedExchange {
  const { converter, source, init, repair } = begin(plan, request)
  const exchange = converter.exchange(source, init)
  return { source, exchange: repair === undefined ? exchange : exchange.repair(repair) }
}

/** {@link openExchange} bit by bit, with pauses for others in between. */
export async function openExchangePaced(
  plan: ExchangePlan,
  request: ExchangeRequest,
  pause: () => Promise<void>,
): Promise<OpenedExchange> {
  await pause() // its body was read just now
  const { converter, source, init, repair } = begin(plan, request)
  await pause()
  const exchange = await converter.exchangeAsync(source, { ...init, pause })
  await pause()
  return { source, exchange: repair === undefined ? exchange : exchange.repair(repair) }
}

interface BegunExchange {
  readonly converter: Converter
  readonly source: JsonObject
  readonly init: ExchangeInit
  readonly repair: RequestRepair | undefined
}

function begin(plan: ExchangePlan, request: ExchangeRequest): BegunExchange {
  const { live, rules, withoutProofs, media } = plan
  const { account, upstreamModel: model } = plan.candidate
  const { choice, isSameFormat, envelope, repeats } = request
  const converter = createConverter({
    client: live.format,
    upstream: choice.format,
    answer: choice.recogniseAnswer ? undefined : choice.answerFormat,
    profile: accountProfile(account, choice, model),
    policy: lossPolicyFor(live.facts.key, account),
    hash: sha256,
    ids: newPlainId,
    seals: { issuer: sealIssuer(account) },
    rules,
    clock: rules && (() => performance.now()),
  })
  const context = { client: live.format, upstream: choice.format, model, isStream: envelope.isStream }
  const isRuled = BODY_PHASES.some((phase) => rules?.select(phase, context) !== undefined)
  const repair = withoutProofs ? 'strip-reasoning' : foreignProofsIn(request)
  const whole = !isSameFormat || isRuled || repair !== undefined ? envelope.parsed() : identityView(envelope)
  const source = media === undefined || media.size === 0 ? whole : inlineMedia(whole, media)
  const init = { model, requestId: live.id, bodyBytes: envelope.bytes.length, repeats }
  return { converter, source, init, repair }
}

/** A conversion leaves foreign proofs out by itself; a body that passes as it came may hold some. */
function foreignProofsIn({ isSameFormat, envelope }: ExchangeRequest): RequestRepair | undefined {
  return isSameFormat && holdsEnvelopes(envelope) ? 'strip-foreign-reasoning' : undefined
}

function sha256(text: string): string {
  return hash('sha256', text)
}

/** Phases in which rules see a request's body; where none looks, a body of the same format is not parsed. */
const BODY_PHASES = ['request.client', 'request.upstream'] as const

/** The few members of a body that the way back needs; the rest is not parsed. */
function identityView(envelope: Envelope): JsonObject {
  const view: Record<string, unknown> = { model: envelope.model, stream: envelope.isStream }
  for (const name of ['stream_options', 'functions']) view[name] = envelope.member(name)
  return view as JsonObject // the members come out of JSON.parse
}
