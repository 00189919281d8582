import type { EncodeAnswerContext, StreamEncoder } from '../codec.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { Failure } from '../model/failure.ts'
import type { JsonObject } from '../model/json.ts'
import { CUT_SHORT } from '../model/stop-reason.ts'
import { mergeUsage, type Usage } from '../model/usage.ts'
import { BlockQueue } from './block-queue.ts'
import { encodeStreamError } from './errors.ts'
import { encodeStop } from './stop-reason.ts'
import { encodeFinalUsage, encodeStartUsage } from './usage.ts'
import { MessageFrames, PING } from './wire.ts'
import type { MessageState } from './write-block.ts'

const MESSAGE_STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n'

/**
 * Turns answer events into a Messages stream: one `message_start`, content blocks strictly one after the other, one
 * `message_delta`, one `message_stop`, and nothing after it. Blocks that are open at the same time are put in order by
 * the block queue.
 */
export function createStreamEncoder(context: EncodeAnswerContext): StreamEncoder {
  return new MessageEncoder(context)
}

class MessageEncoder implements StreamEncoder {
  readonly #state: MessageState
  readonly #queue: BlockQueue
  #hasBegun = false
  #isStopped = false
  #upstreamModel: string | undefined = undefined
  #usage: Usage | undefined = undefined
  #finish: (AnswerEvent & { type: 'finish' }) | undefined = undefined
  #failure: Failure | undefined = undefined

  constructor(context: EncodeAnswerContext) {
    const frames = new MessageFrames()
    this.#state = { context, frames, nextIndex: 0, hasCalls: false, refusal: '', brokenCalls: 0 }
    this.#queue = new BlockQueue(this.#state)
  }

  write(event: AnswerEvent): string {
    if (this.#isStopped) return ''
    if (event.type === 'delta') return this.#checked(this.#queue.delta(event.block, event.text, event.logprobs))
    switch (event.type) {
      case 'start':
        this.#upstreamModel = event.model
        // Held, the usage that follows belongs into the start event.
        return this.#state.context.options.holdStart ? '' : this.open()
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return ''
      case 'ping':
        return this.#hasBegun ? this.#state.frames.ready(PING) : ''
      case 'finish':
        this.#finish = event
        return this.open() + this.#finishBlocks(event)
      case 'failure':
        return this.#stopWith(event.failure)
      case 'end':
        return this.#end()
      case 'open':
      case 'boundary':
      case 'citation':
      case 'seal':
      case 'close':
        return this.open() + this.#checked(this.#queue.write(event))
    }
  }

  open(): string {
    if (this.#hasBegun || this.#isStopped) return ''
    this.#hasBegun = true
    const { context, frames } = this.#state
    return frames.event('message_start', messageStart(context, this.#upstreamModel, this.#usage)) + frames.ready(PING)
  }

  ping(): string {
    return this.#isStopped ? '' : PING
  }

  events(): number {
    return this.#state.frames.count
  }

  waiting(): number {
    return this.#queue.waiting
  }

  failure(): Failure | undefined {
    return this.#failure
  }

  #checked(text: string): string {
    return this.#queue.isOverflown ? text + this.#stopWith(OVERFLOW) : text
  }

  #finishBlocks({ reason }: AnswerEvent & { type: 'finish' }): string {
    const state = this.#state
    const text = this.#queue.finish()
    if (state.brokenCalls > 0 && !CUT_SHORT.has(reason)) reportBrokenCalls(state)
    if (state.nextIndex > 0 || !state.context.options.emptyTextBlock) return text
    return text + encodeEmptyBlock(state.frames, state.nextIndex++)
  }

  #end(): string {
    if (this.#finish === undefined) return this.#stopWith(UNFINISHED)
    this.#isStopped = true
    const { frames, refusal } = this.#state
    return encodeMessageEnd(frames, { ...this.#finish, refusal }, this.#usage)
  }

  #stopWith(reason: Failure): string {
    this.#isStopped = true
    this.#failure = reason
    return this.#state.frames.ready(encodeStreamError(reason, this.#state.context.requestId))
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
