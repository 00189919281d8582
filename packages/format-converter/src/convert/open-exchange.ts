import { adaptWish } from '../adapt/adapt-reasoning.ts'
import type { UpstreamProfile } from '../adapt/profile.ts'
import { profileOf } from '../adapt/profiles.ts'
import type { CodecBook } from '../codec-book.ts'
import type { Codec } from '../codec.ts'
import type { RequestOf } from '../format-types.ts'
import type { FormatName } from '../model/format-name.ts'
import type { JsonObject } from '../model/json.ts'
import type { Loss, LossReport } from '../model/loss.ts'
import type { ConversionOptions } from '../options.ts'
import { createRuleMeter, IDLE_METER, type RuleFigures } from '../rules/rule-meter.ts'
import { currentTimeMs, randomId } from './ambient.ts'
import { type ConvertedRequest, encodeForUpstream } from './convert-request.ts'
import type { ConverterOptions } from './converter-options.ts'
import { type ExchangeFacts, factsOfBody } from './exchange-facts.ts'
import { createAnswerSide, type AnswerSide } from './exchange.ts'
import { createLossLedger, type LossLedger, refuseLosses } from './loss-ledger.ts'
import { withMeasures } from './measured-answers.ts'
import { repairPassing, type RequestRepair } from './repair-passing.ts'
import { changeHeaders, createRuleDesk, type HeaderChanges, type RulesAtWork, type Switches } from './rule-desk.ts'
import { withAnswerRules } from './ruled-answers.ts'

/** What is known of one request beside its body. */
export interface ExchangeInit {
  /** The model to send, where it differs from the one the client asked for. */
  readonly model?: string | undefined
  /** Put into error bodies that have a place for it. */
  readonly requestId?: string | undefined
  /** Size of the client's body, for the estimate that some clients show; default the size of the parsed body. */
  readonly bodyBytes?: number | undefined
  /**
   * Members of the client's request that its answer repeats in place of those of the body, for a caller that has changed
   * them: one that resolved `previous_response_id` gives the id here.
   */
  readonly repeats?: JsonObject | undefined
}

/** A request that was converted, and the way back of its answer. */
export interface SentExchange<Client extends FormatName = FormatName> extends AnswerSide<Client> {
  /** Endpoint below the version segment, e.g. `/chat/completions`. */
  readonly path: string
  /** Protocol headers of the upstream's format; never credentials. */
  readonly headers: Readonly<Record<string, string>>
  /** What rules changed of the headers; already in `headers`, and for those that the caller adds. */
  readonly headerChanges: HeaderChanges
  /** The target as it was converted for: rules may have changed single flags. */
  readonly profile: UpstreamProfile
  readonly losses: readonly Loss[]
  readonly wantsStream: boolean
  /** What rules have done, by their ids; grows as the exchange goes on. */
  readonly ruleFigures: ReadonlyMap<string, RuleFigures>
  /** What {@link Converter.resume} takes, as it is now. */
  carried(): CarriedExchange
}

/** One request and the way back of its answer. */
export interface Exchange<
  Client extends FormatName = FormatName,
  Upstream extends FormatName = FormatName,
> extends SentExchange<Client> {
  /** The upstream's body. The very object that was given when formats and model are the same and no rule changed it. */
  readonly request: RequestOf<Upstream>
  /**
   * The same request without earlier reasoning that this upstream does not accept; every piece is reported. `minimal` also
   * leaves out every wish that the answer can do without, after a refusal that names nothing.
   * `strip-reasoning` is for the one retry that {@link ConvertedError.repair} speaks of. `strip-foreign-reasoning` is for a
   * request that stays in its format but has come from a conversation with upstreams of other formats: what those proved
   * lies in envelopes (see {@link readSealIssuer}), which a conversion opens or drops and a passing request would not.
   *
   * @throws ConversionError when the loss policy refuses that
   */
  repair(kind: RequestRepair): Exchange<Client, Upstream>
}

/** What an exchange goes on from once its request is converted: plain data, which may go to another thread. */
export interface CarriedExchange extends Switches, Pick<ExchangeInit, 'requestId'> {
  /** As it is sent. */
  readonly model: string
  /** What the client's own body says. */
  readonly isStream: boolean
  readonly facts: ExchangeFacts
  readonly headers: Readonly<Record<string, string>>
  readonly headerChanges: HeaderChanges
  readonly losses: readonly Loss[]
  readonly ruleFigures: ReadonlyMap<string, RuleFigures>
}

/** What stays the same for all exchanges of a converter. */
export interface Pair {
  readonly init: ConverterOptions
  readonly codecs: CodecBook
  readonly client: Codec
  readonly upstream: Codec
  readonly options: ConversionOptions
  readonly identity: boolean
}

/** What one exchange begins with. */
export interface Opening extends ExchangeInit {
  readonly body: JsonObject
  readonly repair?: RequestRepair | undefined
}

export function openExchange(pair: Pair, opening: Opening): Exchange {
  const model = opening.model ?? modelOf(opening.body)
  const isStream = opening.body['stream'] === true
  const work = openWork(pair, { model, isStream })
  const desk = createRuleDesk(work)
  const body = desk.takeClientBody(opening.body)
  const switches = desk.takeSwitches({ options: pair.options, profile: profileFor(pair, model) })
  const request = prepareRequest(pair, { opening, switches, body, ledger: work.ledger })
  const sent = desk.takeUpstreamBody(request.body)
  const headers = changeHeaders(request.headers, sent.headers)
  const { options, profile } = switches
  const { requestId } = opening
  const { facts } = request
  const asked = { options, profile, model, isStream, facts, headers, headerChanges: sent.headers, requestId }
  const exchange: SentExchange & Partial<RequestSide> = sideOf(pair, asked, work)
  exchange.request = sent.body
  exchange.repair = (kind) => openExchange(pair, { ...opening, repair: kind })
  return exchange as Exchange // the last two members were just set
}

/** What an exchange has beside its way back. */
type RequestSide = { -readonly [Member in 'request' | 'repair']: Exchange[Member] }

/** The way back of a request that was converted elsewhere. */
export function resumeExchange(pair: Pair, carried: CarriedExchange): SentExchange {
  return sideOf(pair, carried, openWork(pair, carried))
}

/** What rules and reports need, with what they have done so far. */
function openWork({ init }: Pair, { losses, ruleFigures, model, isStream }: WorkInit): RulesAtWork {
  const { client, upstream, onLoss, rules } = init
  const meter = rules === undefined ? IDLE_METER : createRuleMeter(init.clock, ruleFigures)
  const ledger = createLossLedger({ client, upstream, onLoss, losses })
  return { rules, context: { client, upstream, model, isStream, stopwatch: meter.stopwatch }, ledger, meter }
}

type WorkInit = Pick<CarriedExchange, 'model' | 'isStream'> & Partial<Pick<CarriedExchange, 'losses' | 'ruleFigures'>>

type AskedExchange = Omit<CarriedExchange, 'losses' | 'ruleFigures'>

function sideOf(pair: Pair, asked: AskedExchange, work: RulesAtWork): SentExchange {
  const { init } = pair
  const { ledger, meter } = work
  const { options, profile, facts, headers, headerChanges, requestId } = asked
  const answers = createAnswerSide({
    options,
    profile,
    codecs: pair.codecs,
    facts,
    ledger,
    policy: init.policy,
    answerFormat: init.answer ?? init.upstream,
    recognisesAnswer: init.answer === undefined,
    newId: init.ids ?? randomId,
    nowMs: (init.now ?? currentTimeMs)(),
    now: init.now ?? currentTimeMs,
    issuer: init.seals?.issuer,
    requestId,
  })
  const side = withMeasures(withAnswerRules(answers, work), { clock: init.clock, meter: init.rules && meter })
  // Every member by its name, here and not by a spread: there is one of these for every request.
  return {
    response: side.response,
    error: side.error,
    failure: side.failure,
    rateLimits: side.rateLimits,
    stream: side.stream,
    byteStream: side.byteStream,
    transform: side.transform,
    aggregate: side.aggregate,
    explode: side.explode,
    path: pair.upstream.endpoint,
    headers,
    headerChanges,
    profile,
    losses: ledger.losses,
    wantsStream: facts.isStream,
    ruleFigures: meter.figures,
    carried: () => ({ ...asked, losses: [...ledger.losses], ruleFigures: new Map(meter.figures) }),
  }
}

interface RequestStep {
  readonly opening: Opening
  readonly switches: Switches
  /** As the rules for the client's body leave it. */
  readonly body: JsonObject
  readonly ledger: LossLedger
}

function prepareRequest({ init, client, upstream, identity }: Pair, step: RequestStep): ConvertedRequest {
  const { policy = 'warn', hash, seals } = init
  const { body, ledger } = step
  const { model, bodyBytes, repeats, repair } = step.opening
  const { profile, options } = step.switches
  if (!identity) {
    const issuer = seals?.issuer
    const asked = {
      client,
      upstream,
      profile,
      options,
      policy,
      ledger,
      model,
      bodyBytes,
      repeats,
      issuer,
      hash,
      repair,
    }
    return encodeForUpstream(body, asked)
  }
  const kept = repair === undefined ? body : repairPassing(body, { codec: client, repair, policy, ledger })
  const passed = passRequest(client, kept, step)
  refuseLosses(policy, ledger.losses)
  if (!options.fixUpstreamStream) return passed
  // The answer is written anew, with what it repeats of the request.
  return { ...passed, facts: { ...passed.facts, repeatedMembers: client.repeatedMembers?.(body) } }
}

function passRequest(codec: Codec, body: JsonObject, step: RequestStep): ConvertedRequest {
  const facts = factsOfBody(codec.format, body)
  const changed = codec.prepareIdentity(body)
  const { model } = step.opening
  const isMapped = model !== undefined && model !== body['model']
  return { body: isMapped ? { ...fitReasoning(codec, changed, step), model } : changed, headers: {}, facts }
}

/** The client chose its words for another model. */
function fitReasoning(codec: Codec, body: JsonObject, { ledger, switches }: RequestStep): JsonObject {
  const context = { ...switches, report: (loss: LossReport) => ledger.report('request', loss) }
  return codec.refitReasoning?.(body, (wish) => adaptWish(wish, { format: codec.format, context })) ?? body
}

export function modelOf(body: JsonObject): string {
  return typeof body['model'] === 'string' ? body['model'] : ''
}

export function profileFor({ init }: Pair, model: string): UpstreamProfile {
  const chosen = typeof init.profile === 'function' ? init.profile(model) : init.profile
  return profileOf(init.upstream, model, chosen)
}
