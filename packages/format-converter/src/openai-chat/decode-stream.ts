import type { DecodeAnswerContext, Shortcut, StreamDecoder } from '../codec.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'
import { type Failure, TRUNCATED } from '../model/failure.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { StopReason } from '../model/stop-reason.ts'
import type { Usage } from '../model/usage.ts'
import { optionalString } from '../wire/loose.ts'
import { createUnreadTeller, isTrouble, saysNothing, type TellUnread } from '../wire/unread-members.ts'
import { CHOICES_DROPPED, LATE_EVENT, LATE_MESSAGE, NO_CHOICE, OTHER_TEXT } from './answer-losses.ts'
import { ANSWER, CHOICE } from './answer-members.ts'
import { hasOtherText, saidBy } from './choice.ts'
import { createDeltaDecoder, type DeltaDecoder } from './decode-delta.ts'
import { decodeFinishReason } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'
import { CHUNK_OBJECT } from './wire.ts'

/** Of a call, where they are no text. */
const ARGUMENTS = /"(?:arguments|input)":\s*[{[]\s*[^\s}\]]/

interface State {
  readonly context: DecodeAnswerContext
  readonly tell: TellUnread
  readonly deltas: DeltaDecoder
  readonly emit: EmitEvent
  hasStarted: boolean
  hasEnded: boolean
  hasReportedLate: boolean
  reason: StopReason | undefined
  stopSequence: string | undefined
}

/**
 * Decodes the chunks of one Chat stream. Only choice 0 is read. A `finish_reason` does not end the answer: usage, and
 * with some servers even content, may follow until `[DONE]` or the end of the stream.
 */
export function createStreamDecoder(context: DecodeAnswerContext, emit: EmitEvent): StreamDecoder {
  const send: EmitEvent = (event) => {
    if (!state.hasEnded) emit(event)
  }
  const tell = createUnreadTeller(context.report)
  const fails = (failure: Failure): void => fail(state, failure)
  const deltas = createDeltaDecoder({ context, tell, emit: send, fail: fails, isWhole: false })
  const state: State = {
    context,
    tell,
    deltas,
    emit: send,
    hasStarted: false,
    hasEnded: false,
    hasReportedLate: false,
    reason: undefined,
    stopSequence: undefined,
  }
  return {
    push: (body, eventName) => push(state, body, eventName),
    shortcut: (body, eventName) => (eventName === 'error' ? undefined : shortcutOf(state, body)),
    exact: ARGUMENTS,
    done: () => done(state),
    end: () => end(state),
    hasFinish: () => state.reason !== undefined && !state.hasEnded,
  }
}

function push(state: State, body: JsonObject, eventName: string | undefined): void {
  if (state.hasEnded) return reportLate(state)
  const failure = eventName === 'error' ? decodeFailure(undefined, body) : failureOf(body)
  if (failure !== undefined) return fail(state, failure)
  state.tell(body, ANSWER)
  const choices = body['choices']
  const usage = usageOf(body)
  if (!state.hasStarted) start(state, body, usage !== undefined || (isJsonArray(choices) && choices.length > 0))
  if (isJsonArray(choices)) pushChoices(state, choices)
  else if (!saysNothing(choices)) state.context.report(NO_CHOICE)
  if (usage !== undefined) state.emit({ type: 'usage', usage })
}

function shortcutOf({ hasStarted, hasEnded, deltas }: State, body: JsonObject): Shortcut | undefined {
  const choice = hasStarted && !hasEnded ? bareChoice(body) : undefined
  const delta = choice === undefined ? undefined : bareDelta(choice)
  return delta === undefined ? undefined : deltas.shortcut(delta)
}

/** The choice of a chunk that says nothing beside it. */
function bareChoice({ object, choices, error, usage, x_groq }: JsonObject): JsonObject | undefined {
  const choice = isJsonArray(choices) && choices.length === 1 ? choices[0] : undefined
  const isBare = object === CHUNK_OBJECT && (error ?? usage ?? x_groq) == null
  return isBare && isJsonObject(choice) ? choice : undefined
}

function bareDelta({ index, delta, message, text, ...more }: JsonObject): JsonObject | undefined {
  const { finish_reason, logprobs, usage } = more
  const isBare = index === 0 && (message ?? text ?? finish_reason ?? logprobs ?? usage) == null
  return isBare && isJsonObject(delta) ? delta : undefined
}

/** @param isNeeded - the chunk holds more than a name, so the start cannot wait for a better chunk */
function start(state: State, body: JsonObject, isNeeded: boolean): void {
  const id = textOf(body['id'])
  const model = textOf(body['model'])
  if (!isNeeded && id === undefined && model === undefined) return
  const created = body['created']
  state.hasStarted = true
  state.emit({
    type: 'start',
    id,
    model,
    createdSeconds: typeof created === 'number' && created > 0 ? created : undefined,
    fingerprint: textOf(body['system_fingerprint']),
  })
}

function pushChoices(state: State, choices: readonly JsonValue[]): void {
  for (let at = 0; at < choices.length; at++) {
    const choice = choices[at]
    if (!isJsonObject(choice)) reportNoChoice(state, choice)
    else if (isFirst(choice)) pushChoice(state, choice)
    else state.context.report(CHOICES_DROPPED)
  }
}

function isFirst({ index }: JsonObject): boolean {
  return typeof index !== 'number' || index === 0
}

function reportNoChoice({ context }: State, said: JsonValue | undefined): void {
  if (!saysNothing(said)) context.report(NO_CHOICE)
}

function pushChoice(state: State, choice: JsonObject): void {
  const { delta, message, finish_reason: finish } = choice
  state.tell(choice, CHOICE)
  pushSaid(state, delta, choice)
  // Some servers only pretend to stream: one event with the whole message.
  if (!saysNothing(message)) {
    if (state.deltas.hasContent()) state.context.report(LATE_MESSAGE)
    else pushSaid(state, message, choice)
  }
  if (typeof finish === 'string') pushFinish(state, finish, choice)
}

function pushSaid(state: State, message: JsonValue | undefined, choice: JsonObject): void {
  const said = saidBy(message, choice)
  if (said === undefined) return reportNoChoice(state, message)
  if (hasOtherText(choice, said)) state.context.report(OTHER_TEXT)
  state.deltas.push(said, choice['logprobs'])
}

/** The first reason counts; a later one only makes a plain `stop` more precise. */
function pushFinish(state: State, finish: string, choice: JsonObject): void {
  const reason = decodeFinishReason(finish)
  if (reason === undefined) return
  if (reason === 'error') return fail(state, brokenOff(finish))
  if (state.reason !== undefined && state.reason !== 'stop') return
  state.reason = reason
  state.stopSequence ??= stopSequenceOf(choice, state.context.stop)
}

/** The upstream said `[DONE]`, so it means the answer to be over, even without a reason. */
function done(state: State): void {
  if (state.hasEnded) return
  if (state.reason !== undefined || state.deltas.hasContent()) complete(state, state.reason ?? 'unknown')
  else fail(state, TRUNCATED)
}

function end(state: State): void {
  if (state.hasEnded) return
  const { deltas } = state
  const isLenient = state.context.profile.dialect.lenientEnd && deltas.mayEndHere()
  if (state.reason !== undefined || isLenient) complete(state, state.reason ?? 'unknown')
  else fail(state, TRUNCATED)
}

function complete(state: State, reason: StopReason): void {
  state.deltas.finish()
  if (!state.hasStarted) state.emit({ type: 'start' })
  state.emit(finishEvent(reason, state.stopSequence, state.deltas))
  state.emit({ type: 'end' })
  state.hasEnded = true
}

function fail(state: State, failure: Failure): void {
  state.emit({ type: 'failure', failure })
  state.hasEnded = true
}

function reportLate(state: State): void {
  if (!state.hasReportedLate) state.context.report(LATE_EVENT)
  state.hasReportedLate = true
}

/** The usage of a chunk, wherever this server puts it. */
export function usageOf(body: JsonObject): Usage | undefined {
  const usage = body['usage'] ?? nestedUsage(body)
  if (!isJsonObject(usage)) return undefined
  const decoded = decodeUsage(usage)
  const serviceTier = textOf(body['service_tier'])
  return decoded === undefined || serviceTier === undefined ? decoded : { ...decoded, serviceTier }
}

function nestedUsage(body: JsonObject): JsonValue | undefined {
  const groq = body['x_groq']
  if (isJsonObject(groq) && isJsonObject(groq['usage'])) return groq['usage']
  const choices = body['choices']
  const choice = isJsonArray(choices) ? choices[0] : undefined
  return isJsonObject(choice) ? choice['usage'] : undefined
}

/** An error instead of, or in the middle of, an answer. `"error": null` on good chunks is none. */
export function failureOf(body: JsonObject): Failure | undefined {
  const { error, object } = body
  return isTrouble(error) || object === 'error' || isBareError(body) ? decodeFailure(undefined, body) : undefined
}

/** Servers that are no model's, such as a proxy in between, tell of trouble in words of their own. */
function isBareError({ choices, object, usage, message, detail, errors }: JsonObject): boolean {
  const words = message ?? detail ?? errors
  return (choices ?? object ?? usage) === undefined && (isJsonArray(words) || optionalString(words) !== undefined)
}

/** The failure that a `finish_reason` such as `network_error` stands for. */
export function brokenOff(finishReason: string): Failure {
  const kind = finishReason === 'insufficient_system_resource' ? 'overloaded' : 'upstream_truncated'
  return { kind, message: 'The upstream broke its answer off.', upstreamCode: finishReason }
}

/** vLLM and SGLang say which stop string they met; it counts when the request asked for it. */
export function stopSequenceOf(choice: JsonObject, asked: readonly string[]): string | undefined {
  const met = choice['stop_reason'] ?? choice['matched_stop']
  return typeof met === 'string' && asked.includes(met) ? met : undefined
}

/**
 * A refusal ends with `stop` in Chat; what it was is known from its text. A model that also called a tool has not ended
 * its turn: the calls decide.
 */
export function finishEvent(reason: StopReason, stopSequence: string | undefined, deltas: DeltaDecoder): AnswerEvent {
  const isPlainStop = reason === 'stop' || reason === 'unknown'
  const refusal = deltas.refusal()
  const isDeclined = isPlainStop && !deltas.hasCalls()
  if (refusal !== '' && (isDeclined || reason === 'filter' || reason === 'refusal')) {
    return { type: 'finish', reason: 'refusal', details: { type: 'refusal', category: null, explanation: refusal } }
  }
  if (isPlainStop && stopSequence !== undefined) return { type: 'finish', reason: 'stop_sequence', stopSequence }
  return { type: 'finish', reason }
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
