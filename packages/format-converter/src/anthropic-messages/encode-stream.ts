import type { EncodeAnswerContext, StreamEncoder } from '../codec.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { Failure } from '../model/failure.ts'
import type { JsonObject } from '../model/json.ts'
import { CUT_SHORT } from '../model/stop-reason.ts'
import { mergeUsage, type Usage } from '../model/usage.ts'
import { createBlockQueue } from './block-queue.ts'
import { encodeStreamError } from './errors.ts'
import { encodeStop } from './stop-reason.ts'
import { encodeFinalUsage, encodeStartUsage } from './usage.ts'
import { createMessageFrames, type MessageFrames, PING } from './wire.ts'
import type { MessageState } from './write-block.ts'

const MESSAGE_STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n'

/**
 * Turns answer events into a Messages stream: one `message_start`, content blocks strictly one after the other, one
 * `message_delta`, one `message_stop`, and nothing after it. Blocks that are open at the same time are put in order by
 * the block queue.
 */
export function createStreamEncoder(context: EncodeAnswerContext): StreamEncoder {
  const frames = createMessageFrames()
  const state: MessageState = { context, frames, nextIndex: 0, hasCalls: false, refusal: '', brokenCalls: 0 }
  const queue = createBlockQueue(state)
  let hasBegun = false
  let isStopped = false
  let upstreamModel: string | undefined
  let usage: Usage | undefined
  let finish: (AnswerEvent & { type: 'finish' }) | undefined
  let failure: Failure | undefined

  function begin(): string {
    if (hasBegun || isStopped) return ''
    hasBegun = true
    return frames.event('message_start', messageStart(context, upstreamModel, usage)) + frames.ready(PING)
  }

  function write(event: AnswerEvent): string {
    if (isStopped) return ''
    if (event.type === 'delta') return checked(queue.delta(event.block, event.text, event.logprobs))
    switch (event.type) {
      case 'start':
        upstreamModel = event.model
        return context.options.holdStart ? '' : begin() // held: the usage that follows belongs into the start event
      case 'usage':
        usage = mergeUsage(usage, event.usage)
        return ''
      case 'ping':
        return hasBegun ? frames.ready(PING) : ''
      case 'finish':
        finish = event
        return begin() + finishBlocks()
      case 'failure':
        return stopWith(event.failure)
      case 'end':
        if (finish === undefined) return stopWith(UNFINISHED)
        isStopped = true
        return encodeMessageEnd(frames, { ...finish, refusal: state.refusal }, usage)
      case 'open':
      case 'boundary':
      case 'citation':
      case 'seal':
      case 'close':
        return begin() + checked(queue.write(event))
    }
  }

  function checked(text: string): string {
    return queue.isOverflown() ? text + stopWith(OVERFLOW) : text
  }

  function finishBlocks(): string {
    const text = queue.finish()
    if (state.brokenCalls > 0 && finish !== undefined && !CUT_SHORT.has(finish.reason)) reportBrokenCalls(state)
    if (state.nextIndex > 0 || !context.options.emptyTextBlock) return text
    return text + encodeEmptyBlock(frames, state.nextIndex++)
  }

  function stopWith(reason: Failure): string {
    isStopped = true
    failure = reason
    return frames.ready(encodeStreamError(reason, context.requestId))
  }

  return {
    write,
    open: begin,
    ping: () => (isStopped ? '' : PING),
    events: frames.count,
    waiting: queue.waiting,
    failure: () => failure,
  }
}

const UNFINISHED: Failure = { kind: 'upstream_truncated', message: 'the answer ended without a reason to stop' }
const OVERFLOW: Failure = {
  kind: 'overflow',
  message: 'tool calls that arrived at the same time need more than 8 MiB of memory',
}

function messageStart(
  context: EncodeAnswerContext,
  upstreamModel: string | undefined,
  usage: Usage | undefined,
): JsonObject {
  const { options } = context
  const message = {
    id: `msg_${context.id}`,
    type: 'message',
    role: 'assistant',
    model: options.modelEcho === 'upstream' ? (upstreamModel ?? context.model) : context.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: encodeStartUsage(usage, options.estimateInput ? context.inputTokenEstimate : undefined),
  }
  return { type: 'message_start', message }
}

function encodeMessageEnd(
  frames: MessageFrames,
  stop: Parameters<typeof encodeStop>[0],
  usage: Usage | undefined,
): string {
  const delta = { ...encodeStop(stop), container: null }
  const last = frames.event('message_delta', { type: 'message_delta', delta, usage: encodeFinalUsage(usage) })
  return last + frames.ready(MESSAGE_STOP)
}

function encodeEmptyBlock(frames: MessageFrames, index: number): string {
  return frames.blockStart(index, { type: 'text', text: '', citations: null }) + frames.blockStop(index)
}

function reportBrokenCalls({ context, brokenCalls }: MessageState): void {
  const message = 'the arguments of a call were not a JSON object; they were passed on as they came'
  context.report({
    code: 'invalid_tool_arguments',
    level: 'degraded',
    path: '#input_json_delta',
    message,
    detail: { count: brokenCalls },
  })
}
