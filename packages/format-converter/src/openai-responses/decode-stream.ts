import type { DecodeAnswerContext, StreamDecoder } from '../codec.ts'
import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'
import { type Failure, TRUNCATED } from '../model/failure.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import type { StopReason } from '../model/stop-reason.ts'
import { entriesOf, optionalIndex, optionalString } from '../wire/loose.ts'
import { createUnreadTeller, saysNothing } from '../wire/unread-members.ts'
import { LATE_EVENT, NO_RESPONSE } from './answer-losses.ts'
import { ANSWER } from './answer-members.ts'
import { createOutputBlocks, type OutputBlocks } from './output-blocks.ts'
import { createOutput, MAX_ITEMS } from './output.ts'
import { failureOfResponse, isBroken, readFailure } from './read-failure.ts'
import { decodeStop } from './stop-reason.ts'
import { decodeResponseUsage } from './usage.ts'
import { isOfItem } from './wire.ts'

const OVERFLOW: Failure = {
  kind: 'overflow',
  message: 'the answer of the upstream is larger than Relay can hold at once',
}

/** Of a call, where they are no text. */
const ARGUMENTS = /"(?:arguments|input|delta)":\s*[{[]\s*[^\s}\]]/

/**
 * Reads a Responses stream. The finished item and the terminal event have the last word: what only they hold is written
 * from them, and nothing twice.
 *
 * @remarks Contract 4.1.R.
 */
export function createStreamDecoder(context: DecodeAnswerContext, emit: EmitEvent): StreamDecoder {
  const { report } = context
  const blocks = createOutputBlocks({ emit, report })
  const answer = { hasText: false, hasRefusal: false, hasCalls: false }
  const tell = createUnreadTeller(report)
  const output = createOutput({ blocks, answer, newId: context.newId, report, tell, overflow: () => fail(OVERFLOW) })
  let hasStarted = false
  let isOver = false

  function push(body: JsonObject, eventName: string | undefined): void {
    if (isOver) return report(LATE_EVENT)
    const type = typeOf(body, eventName)
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        return start(body['response'])
      case 'response.completed':
      case 'response.incomplete':
        return finish(responseOf(body, report), type === 'response.incomplete')
      case 'response.failed':
      case 'response.cancelled':
      case 'error':
        return fail(readFailure(body), body['response'])
      case 'keepalive':
        return emit({ type: 'ping' })
      default:
        if (isJsonObject(body['error']) && !isOfItem(type)) fail(readFailure(body))
        else output.push(type, body)
    }
  }

  function start(response: unknown): void {
    if (hasStarted || !isJsonObject(response)) return
    hasStarted = true
    emit(startOf(response))
  }

  function finish(response: JsonObject, isIncomplete: boolean): void {
    start(response)
    if (isBroken(response)) return fail(failureOfResponse(response), response)
    tell(response, ANSWER)
    // Each is compared with those before it.
    if (entriesOf(response['output']).length > MAX_ITEMS) return fail(OVERFLOW, response)
    output.complete(response['output'])
    count(response, emit)
    stopWith(decodeStop(isIncomplete ? { ...response, status: 'incomplete' } : response, output.isRefusal()))
  }

  function stopWith(reason: StopReason): void {
    isOver = true
    emit({ type: 'finish', reason })
    emit({ type: 'end' })
  }

  /** Tokens were used before the trouble too. */
  function fail(failure: Failure, response?: unknown): void {
    if (isJsonObject(response)) count(response, emit)
    isOver = true
    emit({ type: 'failure', failure })
  }

  function end(): void {
    if (isOver) return
    if (isLenientlyComplete(context, blocks)) stopWith('unknown')
    else fail(TRUNCATED)
  }

  return {
    push,
    shortcut: (body, eventName) => (isOver || eventName === 'error' ? undefined : output.shortcut(body)),
    exact: ARGUMENTS,
    // The word is Chat's: here it says nothing, but where an upstream has no last event of its own.
    done: () => void (isLenientlyComplete(context, blocks) && end()),
    end,
  }
}

function count(response: JsonObject, emit: EmitEvent): void {
  const usage = decodeResponseUsage(response)
  if (usage !== undefined) emit({ type: 'usage', usage })
}

/** The response of the event that ends a stream. */
function responseOf({ response }: JsonObject, report: ReportLoss): JsonObject {
  if (isJsonObject(response)) return response
  if (!saysNothing(response)) report(NO_RESPONSE)
  return {}
}

function startOf({ id, model, created_at: created }: JsonObject): AnswerEvent {
  return {
    type: 'start',
    id: optionalString(id),
    model: optionalString(model),
    createdSeconds: optionalIndex(created),
  }
}

/** The JSON type wins over the SSE name, but for an error: proxies wrap theirs in any body. */
function typeOf(body: JsonObject, eventName: string | undefined): string {
  if (eventName === 'error') return 'error'
  return optionalString(body['type']) ?? eventName ?? ''
}

function isLenientlyComplete({ profile }: DecodeAnswerContext, blocks: OutputBlocks): boolean {
  return profile.dialect.lenientEnd && blocks.closed() > 0 && blocks.openCalls() === 0
}
