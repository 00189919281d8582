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
import { DeltaDecoder } from './decode-delta.ts'
import { decodeFinishReason } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'
import { CHUNK_OBJECT } from './wire.ts'

/** Of a call, where they are no text. */
const ARGUMENTS = /"(?:arguments|input)":\s*[{[]\s*[^\s}\]]/

/**
 * Decodes the chunks of one Chat stream. Only choice 0 is read. A `finish_reason` does not end the answer: usage, and
 * with some servers even content, may follow until `[DONE]` or the end of the stream.
 */
export function createStreamDecoder(context: DecodeAnswerContext, emit: EmitEvent): StreamDecoder {
  return new ChunkDecoder(context, emit)
}

class ChunkDecoder implements StreamDecoder {
  readonly exact = ARGUMENTS
  readonly #context: DecodeAnswerContext
  readonly #tell: TellUnread
  readonly #deltas: DeltaDecoder
  readonly #emit: EmitEvent
  #hasStarted = false
  #hasEnded = false
  #hasReportedLate = false
  #reason: StopReason | undefined = undefined
  #stopSequence: string | undefined = undefined

  constructor(context: DecodeAnswerContext, emit: EmitEvent) {
    const send: EmitEvent = (event) => {
      if (!this.#hasEnded) emit(event)
    }
    this.#context = context
    this.#emit = send
    this.#tell = createUnreadTeller(context.report)
    const fail = (failure: Failure): void => this.#fail(failure)
    this.#deltas = new DeltaDecoder({ context, tell: this.#tell, emit: send, fail, isWhole: false })
  }

  push(body: JsonObject, eventName: string | undefined): void {
    if (this.#hasEnded) return this.#reportLate()
    const failure = eventName === 'error' ? decodeFailure(undefined, body) : failureOf(body)
    if (failure !== undefined) return this.#fail(failure)
    this.#tell(body, ANSWER)
    const choices = body['choices']
    const usage = usageOf(body)
    if (!this.#hasStarted) this.#start(body, usage !== undefined || (isJsonArray(choices) && choices.length > 0))
    if (isJsonArray(choices)) this.#pushChoices(choices)
    else if (!saysNothing(choices)) this.#context.report(NO_CHOICE)
    if (usage !== undefined) this.#emit({ type: 'usage', usage })
  }

  shortcut(body: JsonObject, eventName: string | undefined): Shortcut | undefined {
    const choice = eventName !== 'error' && this.#hasStarted && !this.#hasEnded ? bareChoice(body) : undefined
    const delta = choice === undefined ? undefined : bareDelta(choice)
    return delta === undefined ? undefined : this.#deltas.shortcut(delta)
  }

  /** The upstream said `[DONE]`, so it means the answer to be over, even without a reason. */
  done(): void {
    if (this.#hasEnded) return
    if (this.#reason !== undefined || this.#deltas.hasContent) this.#complete(this.#reason ?? 'unknown')
    else this.#fail(TRUNCATED)
  }

  end(): void {
    if (this.#hasEnded) return
    const isLenient = this.#context.profile.dialect.lenientEnd && this.#deltas.mayEndHere
    if (this.#reason !== undefined || isLenient) this.#complete(this.#reason ?? 'unknown')
    else this.#fail(TRUNCATED)
  }

  hasFinish(): boolean {
    return this.#reason !== undefined && !this.#hasEnded
  }

  /** @param isNeeded - the chunk holds more than a name, so the start cannot wait for a better chunk */
  #start(body: JsonObject, isNeeded: boolean): void {
    const id = textOf(body['id'])
    const model = textOf(body['model'])
    if (!isNeeded && id === undefined && model === undefined) return
    const created = body['created']
    this.#hasStarted = true
    this.#emit({
      type: 'start',
      id,
      model,
      createdSeconds: typeof created === 'number' && created > 0 ? created : undefined,
      fingerprint: textOf(body['system_fingerprint']),
    })
  }

  #pushChoices(choices: readonly JsonValue[]): void {
    for (let at = 0; at < choices.length; at++) {
      const choice = choices[at]
      if (!isJsonObject(choice)) this.#reportNoChoice(choice)
      else if (isFirst(choice)) this.#pushChoice(choice)
      else this.#context.report(CHOICES_DROPPED)
    }
  }

  #reportNoChoice(said: JsonValue | undefined): void {
    if (!saysNothing(said)) this.#context.report(NO_CHOICE)
  }

  #pushChoice(choice: JsonObject): void {
    const { delta, message, finish_reason: finish } = choice
    this.#tell(choice, CHOICE)
    this.#pushSaid(delta, choice)
    // Some servers only pretend to stream: one event with the whole message.
    if (!saysNothing(message)) {
      if (this.#deltas.hasContent) this.#context.report(LATE_MESSAGE)
      else this.#pushSaid(message, choice)
    }
    if (typeof finish === 'string') this.#pushFinish(finish, choice)
  }

  #pushSaid(message: JsonValue | undefined, choice: JsonObject): void {
    const said = saidBy(message, choice)
    if (said === undefined) return this.#reportNoChoice(message)
    if (hasOtherText(choice, said)) this.#context.report(OTHER_TEXT)
    this.#deltas.push(said, choice['logprobs'])
  }

  /** The first reason counts; a later one only makes a plain `stop` more precise. */
  #pushFinish(finish: string, choice: JsonObject): void {
    const reason = decodeFinishReason(finish)
    if (reason === undefined) return
    if (reason === 'error') return this.#fail(brokenOff(finish))
    if (this.#reason !== undefined && this.#reason !== 'stop') return
    this.#reason = reason
    this.#stopSequence ??= stopSequenceOf(choice, this.#context.stop)
  }

  #complete(reason: StopReason): void {
    this.#deltas.finish()
    if (!this.#hasStarted) this.#emit({ type: 'start' })
    this.#emit(finishEvent(reason, this.#stopSequence, this.#deltas))
    this.#emit({ type: 'end' })
    this.#hasEnded = true
  }

  #fail(failure: Failure): void {
    this.#emit({ type: 'failure', failure })
    this.#hasEnded = true
  }

  #reportLate(): void {
    if (!this.#hasReportedLate) this.#context.report(LATE_EVENT)
    this.#hasReportedLate = true
  }
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

function isFirst({ index }: JsonObject): boolean {
  return typeof index !== 'number' || index === 0
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
  const { refusal } = deltas
  const isDeclined = isPlainStop && !deltas.hasCalls
  if (refusal !== '' && (isDeclined || reason === 'filter' || reason === 'refusal')) {
    return { type: 'finish', reason: 'refusal', details: { type: 'refusal', category: null, explanation: refusal } }
  }
  if (isPlainStop && stopSequence !== undefined) return { type: 'finish', reason: 'stop_sequence', stopSequence }
  return { type: 'finish', reason }
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
