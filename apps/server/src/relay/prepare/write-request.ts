import { hash } from 'node:crypto'

import {
  type CompiledRules,
  type Converter,
  createConverter,
  type Exchange,
  type FormatName,
  type JsonObject,
  type LossPolicy,
  type RequestRepair,
  type SentExchange,
  toJsonText,
  type UpstreamProfile,
} from '@relay/format-converter'
import type { UpstreamChoice } from '@relay/upstreams'

import { type FetchedMedia, inlineMedia } from '../media/media-places.ts'
import { newPlainId } from '../request-ids.ts'
import type { Envelope } from '../request/envelope.ts'
import { leaveOut, valueAt } from './leave-out.ts'
import { passThroughBody, type SentBody } from './pass-through-body.ts'

/** Everything that decides how a request is written for an account and how its answer is read; plain data. */
export interface ConversionPlan {
  readonly client: FormatName
  readonly choice: Pick<UpstreamChoice, 'format' | 'answerFormat' | 'recogniseAnswer'>
  readonly requestId: string
  /** As the upstream knows it. */
  readonly model: string
  readonly profile: UpstreamProfile
  readonly policy: LossPolicy
  /** Whose proofs of reasoning the account takes. */
  readonly sealIssuer: string
}

/** What of one request is to be written. */
export interface WritingPlan extends ConversionPlan {
  readonly isStream: boolean
  /** The upstream refused a proof of earlier reasoning: this is the one try without them. */
  readonly withoutProofs: boolean
  /** Parameters that the upstream does not take. */
  readonly refused: readonly string[]
  /** Members that the answer repeats, as the client gave them. */
  readonly repeats: JsonObject | undefined
  /** Pictures and documents by their addresses, for an upstream that takes only bytes. */
  readonly media: ReadonlyMap<string, FetchedMedia> | undefined
}

/** A request that is to be written. */
export interface Writing {
  readonly plan: WritingPlan
  readonly envelope: Envelope
  readonly rules: CompiledRules | undefined
}

/** A request as it is sent, and the way back of its answer. */
export interface WrittenRequest extends SentBody {
  readonly exchange: SentExchange
  /** The body as the converter gave it: nothing is left out of it yet. */
  readonly converted: () => JsonObject
}

/** The converter of a plan; one of the same plan and rules goes on where another one was. */
export function converterOf(plan: ConversionPlan, rules: CompiledRules | undefined): Converter {
  const { client, choice, profile, policy, sealIssuer: issuer } = plan
  return createConverter({
    client,
    upstream: choice.format,
    answer: choice.recogniseAnswer ? undefined : choice.answerFormat,
    profile,
    policy,
    hash: sha256,
    ids: newPlainId,
    seals: { issuer },
    rules,
    clock: rules && (() => performance.now()),
  })
}

/** Whether the whole body has to be read: it is converted, or a rule or a repair looks at it. */
export function readsWhole({ plan, envelope, rules }: Writing): boolean {
  const { client, choice, model, isStream, withoutProofs } = plan
  if (client !== choice.format || withoutProofs || envelope.holdsSealed()) return true
  const context = { client, upstream: choice.format, model, isStream }
  return BODY_PHASES.some((phase) => rules?.select(phase, context) !== undefined)
}

/**
 * Writes a request for an account: converted, or with as little changed as need be.
 *
 * @throws ConversionError when the request cannot be carried
 */
export function writeRequest(writing: Writing): WrittenRequest {
  const { plan, envelope, rules } = writing
  const { model, requestId, repeats, media, refused } = plan
  const whole = readsWhole(writing) ? envelope.parsed() : identityView(envelope)
  const source = media === undefined || media.size === 0 ? whole : inlineMedia(whole, media)
  const init = { model, requestId, bodyBytes: envelope.bytes.length, repeats }
  const opened = converterOf(plan, rules).exchange(source, init)
  const repair = repairOf(writing)
  const exchange = repair === undefined ? opened : opened.repair(repair)
  const isSameFormat = plan.client === plan.choice.format
  const sent = isSameFormat ? passThroughBody(envelope, { source, exchange, refused }) : convertedBody(exchange, plan)
  const { body, leftOut, member } = sent
  return { body, leftOut, member, exchange, converted: () => exchange.request }
}

/** A conversion leaves foreign proofs out by itself; a body that passes as it came may hold some. */
function repairOf({ plan, envelope }: Writing): RequestRepair | undefined {
  if (plan.withoutProofs) return 'strip-reasoning'
  const mayHoldForeign = plan.client === plan.choice.format && envelope.holdsSealed()
  return mayHoldForeign ? 'strip-foreign-reasoning' : undefined
}

function convertedBody(exchange: Exchange, { refused }: WritingPlan): SentBody {
  const { body, leftOut } = leaveOut(exchange.request, refused, exchange.profile.format)
  return { body: toJsonText(body), leftOut, member: (name) => valueAt(body, [name]) }
}

function sha256(text: string): string {
  return hash('sha256', text)
}

/** Phases in which rules see a request's body; where none looks, a body of the same format is not parsed. */
const BODY_PHASES = ['request.client', 'request.upstream'] as const

/** The few members of a body that the way back needs; the rest is not parsed. */
function identityView(envelope: Envelope): JsonObject {
  const view: Record<string, unknown> = { model: envelope.model, stream: envelope.isStream }
  for (const name of ['stream_options', 'functions', 'thinking', 'output_config']) view[name] = envelope.member(name)
  return view as JsonObject // the members come out of JSON.parse
}
