import type { ProfileChoice, UpstreamProfile } from '../adapt/profile.ts'
import { profileOf } from '../adapt/profiles.ts'
import type { CodecBook } from '../codec-book.ts'
import type { Codec, ResponseStore } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import { estimateTokens } from '../count/estimate-tokens.ts'
import type { CountInputOf, RequestInputOf, RequestOf } from '../format-types.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import { runPaced, runThrough, type Steps } from '../model/steps.ts'
import { DEFAULT_OPTIONS, type ConversionOptions } from '../options.ts'
import type { CompiledRules } from '../rules/compiled-rules.ts'
import { createRuleMeter, IDLE_METER, type RuleFigures } from '../rules/rule-meter.ts'
import { currentTimeMs, randomId } from './ambient.ts'
import { encodeInSteps, type ConvertedRequest } from './convert-request.ts'
import { createCountExchange, type CountExchange } from './count-exchange.ts'
import { factsOfBody } from './exchange-facts.ts'
import { createAnswerSide, type AnswerSide } from './exchange.ts'
import { createLossLedger, type LossLedger, type LossPolicy } from './loss-ledger.ts'
import { withMeasures } from './measured-answers.ts'
import { repairPassing, type RequestRepair } from './repair-passing.ts'
import { changeHeaders, createRuleDesk, type HeaderChanges, type Switches } from './rule-desk.ts'
import { withAnswerRules } from './ruled-answers.ts'

/** One pair of formats, and every choice about it. With time and ids injected, the same input gives the same bytes. */
export interface ConverterOptions<Client extends FormatName = FormatName, Upstream extends FormatName = FormatName> {
  /** The format the client speaks. */
  readonly client: Client
  /** The format requests are sent in. */
  readonly upstream: Upstream
  /** The format answers come back in; default the upstream's, recognised from the body. Naming one switches recognition off. */
  readonly answer?: FormatName | undefined
  /**
   * What the target accepts; default by format and model from the shipped table. Overrides, which name only what differs,
   * are laid over that table as `profiles.resolve` does it.
   */
  readonly profile?: ProfileChoice | ((model: string) => ProfileChoice) | undefined
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
  /**
   * Monotonic milliseconds with fractions, such as `performance.now`: then streams know the time they took, and rules
   * theirs; default nothing is timed.
   */
  readonly clock?: (() => number) | undefined
  readonly onLoss?: ((loss: Loss) => void) | undefined
  readonly options?: Partial<ConversionOptions> | undefined
  /** Earlier responses that a request of `openai-responses` may refer to; used by {@link Converter.exchangeAsync} only. */
  readonly store?: ResponseStore | undefined
  /** Custom rules, compiled by `compileRules` of `@relay/format-converter/rules`. They win over profile and options. */
  readonly rules?: CompiledRules | undefined
}

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
  /**
   * Awaited between the steps of a long conversion by {@link Converter.exchangeAsync}, so that a server serves others
   * meanwhile; Node's `setImmediate` of `node:timers/promises`, say. Default no pauses.
   */
  readonly pause?: (() => Promise<unknown>) | undefined
}

/** One request and the way back of its answer. */
export interface Exchange<
  Client extends FormatName = FormatName,
  Upstream extends FormatName = FormatName,
> extends AnswerSide<Client> {
  /** The upstream's body. The very object that was given when formats and model are the same and no rule changed it. */
  readonly request: RequestOf<Upstream>
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

/** Converts the exchanges of one pair of formats. */
export interface Converter<Client extends FormatName = FormatName, Upstream extends FormatName = FormatName> {
  /** Client and upstream speak the same format: bodies pass untouched. */
  readonly identity: boolean
  /**
   * Converts a request and prepares the way back.
   *
   * @throws ConversionError with kind, message and JSON Pointer
   */
  exchange(body: RequestInputOf<Client>, init?: ExchangeInit): Exchange<Client, Upstream>
  /**
   * Like {@link exchange}, but first looks up in the converter's `store` what the request refers to:
   * `previous_response_id` and `item_reference`. On the same format the upstream knows what is meant. A long conversion
   * may have pauses, see {@link ExchangeInit.pause}.
   *
   * @throws ConversionError as {@link exchange} does, and `previous_response_not_found`
   */
  exchangeAsync(body: RequestInputOf<Client>, init?: ExchangeInit): Promise<Exchange<Client, Upstream>>
  /**
   * A request in the client's format that is to be counted: what its upstream is asked, and an estimate. Lazy: a body that
   * is wrong shows when it is looked at.
   *
   * @throws ConversionError when the body is no object
   */
  count(body: CountInputOf<Client>, init?: Pick<ExchangeInit, 'model'>): CountExchange<Upstream>
}

/** Builds a converter for one pair of formats from the codecs of a book. */
export function createConverterWith(codecs: CodecBook, init: ConverterOptions): Converter {
  const pair: Pair = {
    init,
    codecs,
    client: codecs.get(init.client),
    upstream: codecs.get(init.upstream),
    options: { ...DEFAULT_OPTIONS, ...init.options },
    identity: init.client === init.upstream,
  }
  return {
    identity: pair.identity,
    exchange: (body, exchangeInit = {}) => openExchange(pair, { ...exchangeInit, body: requireObject(body) }),
    exchangeAsync: async (body, exchangeInit = {}) => {
      const opening = await resolved(pair, { ...exchangeInit, body: requireObject(body) })
      return opening.pause === undefined
        ? openExchange(pair, opening)
        : runPaced(openInSteps(pair, opening), opening.pause)
    },
    count: (body, countInit = {}) => countWith(pair, requireObject(body), countInit.model),
  }
}

/** What stays the same for all exchanges of a converter. */
interface Pair {
  readonly init: ConverterOptions
  readonly codecs: CodecBook
  readonly client: Codec
  readonly upstream: Codec
  readonly options: ConversionOptions
  readonly identity: boolean
}

/** What one exchange begins with. */
interface Opening extends ExchangeInit {
  readonly body: JsonObject
  readonly repair?: RequestRepair | undefined
}

function openExchange(pair: Pair, opening: Opening): Exchange {
  return runThrough(openInSteps(pair, opening))
}

function* openInSteps(pair: Pair, opening: Opening): Steps<Exchange> {
  const { init } = pair
  const model = opening.model ?? modelOf(opening.body)
  const ledger = createLossLedger({ client: init.client, upstream: init.upstream, onLoss: init.onLoss })
  const context = { client: init.client, upstream: init.upstream, model, isStream: opening.body['stream'] === true }
  const meter = init.rules === undefined ? IDLE_METER : createRuleMeter(init.clock)
  const ruled = { rules: init.rules, context: { ...context, stopwatch: meter.stopwatch }, ledger, meter }
  const desk = createRuleDesk(ruled)
  const body = desk.takeClientBody(opening.body)
  const switches = desk.takeSwitches({ options: pair.options, profile: profileFor(pair, model) })
  const request = yield* prepareRequest(pair, { ...opening, ...switches, body, ledger })
  const sent = desk.takeUpstreamBody(request.body)
  const answers = createAnswerSide({
    ...switches,
    codecs: pair.codecs,
    facts: request.facts,
    ledger,
    policy: init.policy,
    answerFormat: init.answer ?? init.upstream,
    recognisesAnswer: init.answer === undefined,
    newId: init.ids ?? randomId,
    nowMs: (init.now ?? currentTimeMs)(),
    now: init.now ?? currentTimeMs,
    issuer: init.seals?.issuer,
    requestId: opening.requestId,
  })
  return {
    ...withMeasures(withAnswerRules(answers, ruled), {
      clock: init.clock,
      meter: init.rules && meter,
    }),
    request: sent.body,
    path: pair.upstream.endpoint,
    headers: changeHeaders(request.headers, sent.headers),
    headerChanges: sent.headers,
    profile: switches.profile,
    losses: ledger.losses,
    wantsStream: request.facts.isStream,
    ruleFigures: meter.figures,
    repair: (kind) => openExchange(pair, { ...opening, repair: kind }),
  }
}

/** The answer still repeats what the client wrote. */
async function resolved({ init, client, identity }: Pair, opening: Opening): Promise<Opening> {
  const { body } = opening
  if (identity || init.store === undefined || client.resolveState === undefined) return opening
  const whole = await client.resolveState(body, init.store)
  if (whole === body) return opening
  const repeats = { previous_response_id: body['previous_response_id'], ...opening.repeats }
  return { ...opening, body: whole, repeats }
}

interface RequestStep extends Opening, Switches {
  readonly ledger: LossLedger
}

function* prepareRequest(pair: Pair, { body, ...step }: RequestStep): Steps<ConvertedRequest> {
  const { init, client, upstream, identity } = pair
  const { policy = 'warn', hash, seals } = init
  if (!identity) {
    return yield* encodeInSteps(body, { ...step, client, upstream, policy, hash, issuer: seals?.issuer })
  }
  const { repair, model, ledger } = step
  const kept = repair === undefined ? body : repairPassing(body, { codec: client, repair, policy, ledger })
  const passed = passRequest(client, kept, model)
  if (!step.options.fixUpstreamStream) return passed
  // The answer is written anew, with what it repeats of the request.
  return { ...passed, facts: { ...passed.facts, repeatedMembers: client.repeatedMembers?.(body) } }
}

function passRequest(codec: Codec, body: JsonObject, model: string | undefined): ConvertedRequest {
  const facts = factsOfBody(codec.format, body)
  const changed = codec.prepareIdentity(body)
  const isMapped = model !== undefined && model !== body['model']
  return { body: isMapped ? { ...changed, model } : changed, headers: {}, facts }
}

function modelOf(body: JsonObject): string {
  return typeof body['model'] === 'string' ? body['model'] : ''
}

function profileFor({ init }: Pair, model: string): UpstreamProfile {
  const chosen = typeof init.profile === 'function' ? init.profile(model) : init.profile
  return profileOf(init.upstream, model, chosen)
}

function countWith(pair: Pair, body: JsonObject, mapped: string | undefined): CountExchange {
  const { estimate = estimateTokens, hash, seals } = pair.init
  const model = mapped ?? modelOf(body)
  const profile = profileFor(pair, model)
  return createCountExchange({ ...pair, estimate, hash, issuer: seals?.issuer, profile, body, model })
}

function requireObject(body: unknown): JsonObject {
  if (isJsonObject(body)) return body
  throw new ConversionError('invalid_request', 'the body must be a JSON object', { param: '' })
}
