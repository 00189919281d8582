import type { FakeReply, FakeReplyOptions } from './fake-answer.ts'
import { jsonReply, sseReply } from './fake-answer.ts'
import type { FakeScript, RecordedRequest } from './fake-upstream.ts'

/** A tool call of a canned answer. */
export interface CannedToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** What a canned answer says; the same content as one JSON body and as an event stream. */
export interface CannedContent {
  readonly text?: string
  readonly toolCalls?: readonly CannedToolCall[]
  readonly model?: string
  readonly id?: string
  /** All input tokens, cached ones included. Default 11. */
  readonly inputTokens?: number
  /** The part of the input tokens that was read from a cache. Default 0. */
  readonly cachedTokens?: number
  /** Default 7. */
  readonly outputTokens?: number
  /** Chat: leave the usage out of the stream. */
  readonly withoutStreamUsage?: boolean
}

/** One answer in both shapes. */
export interface CannedAnswer {
  readonly json: Readonly<Record<string, unknown>>
  readonly sse: string
  /** The JSON body or, for a request with `stream: true`, the event stream. */
  readonly script: FakeScript
  /** The same with faults. */
  reply(request: RecordedRequest, options?: FakeReplyOptions): FakeReply
}

interface Filled {
  readonly text: string
  readonly toolCalls: readonly CannedToolCall[]
  readonly model: string
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
}

/** An answer in the OpenAI Chat format. */
export function chatAnswer(content: CannedContent = {}): CannedAnswer {
  const filled = fill(content, 'gpt-fake')
  const id = content.id ?? 'chatcmpl-fake'
  const head = { id, created: 1_700_000_000, model: filled.model }
  const usage = {
    prompt_tokens: filled.inputTokens,
    completion_tokens: filled.outputTokens,
    total_tokens: filled.inputTokens + filled.outputTokens,
    prompt_tokens_details: { cached_tokens: filled.cachedTokens },
  }
  const finishReason = filled.toolCalls.length > 0 ? 'tool_calls' : 'stop'
  const message = chatMessage(filled)
  const json = {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  }
  const chunkHead = { ...head, object: 'chat.completion.chunk' }
  const deltas = [...chatDeltas(filled)]
  const chunks: unknown[] = deltas.map((delta) => ({
    ...chunkHead,
    choices: [{ index: 0, delta, finish_reason: null }],
  }))
  chunks.push({ ...chunkHead, choices: [{ index: 0, delta: {}, finish_reason: finishReason }] })
  if (content.withoutStreamUsage !== true) chunks.push({ ...chunkHead, choices: [], usage })
  const sse = `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`
  return both(json, sse)
}

/** An answer in the Anthropic Messages format. */
export function claudeAnswer(content: CannedContent = {}): CannedAnswer {
  const filled = fill(content, 'claude-fake')
  const head = {
    id: content.id ?? 'msg_fake',
    type: 'message',
    role: 'assistant',
    model: filled.model,
  }
  const input = {
    input_tokens: filled.inputTokens - filled.cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: filled.cachedTokens,
  }
  const stop = {
    stop_reason: filled.toolCalls.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
  }
  const json = {
    ...head,
    content: claudeBlocks(filled),
    ...stop,
    usage: { ...input, output_tokens: filled.outputTokens },
  }
  const message = {
    ...head,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...input, output_tokens: 1 },
  }
  const events = [
    { type: 'message_start', message },
    ...claudeBlockEvents(filled),
    { type: 'message_delta', delta: stop, usage: { output_tokens: filled.outputTokens } },
    { type: 'message_stop' },
  ]
  const sse = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  return both(json, sse)
}

function fill(content: CannedContent, model: string): Filled {
  const toolCalls = content.toolCalls ?? []
  return {
    text: content.text ?? (toolCalls.length > 0 ? '' : 'Hello there.'),
    toolCalls,
    model: content.model ?? model,
    inputTokens: content.inputTokens ?? 11,
    cachedTokens: content.cachedTokens ?? 0,
    outputTokens: content.outputTokens ?? 7,
  }
}

function both(json: Record<string, unknown>, sse: string): CannedAnswer {
  function reply(request: RecordedRequest, options: FakeReplyOptions = {}): FakeReply {
    return wantsStream(request.json) ? sseReply(sse, options) : jsonReply(json, options)
  }
  return { json, sse, reply, script: (request) => reply(request) }
}

function wantsStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'stream' in body && body.stream === true
}

function chatMessage({ text, toolCalls }: Filled): Record<string, unknown> {
  const message = { role: 'assistant', content: text === '' ? null : text, refusal: null }
  return toolCalls.length === 0 ? message : { ...message, tool_calls: toolCalls.map(chatToolCall) }
}

function chatToolCall(call: CannedToolCall): Record<string, unknown> {
  const wire = { name: call.name, arguments: JSON.stringify(call.arguments) }
  return { id: call.id, type: 'function', function: wire }
}

function* chatDeltas({ text, toolCalls }: Filled): Generator<Record<string, unknown>> {
  yield { role: 'assistant', content: '' }
  for (const piece of pieces(text)) yield { content: piece }
  for (const [index, call] of toolCalls.entries()) {
    const { id, name } = call
    yield { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }
    for (const piece of pieces(JSON.stringify(call.arguments))) {
      yield { tool_calls: [{ index, function: { arguments: piece } }] }
    }
  }
}

function claudeBlocks({ text, toolCalls }: Filled): readonly Record<string, unknown>[] {
  const blocks: Record<string, unknown>[] = []
  if (text !== '') blocks.push({ type: 'text', text })
  for (const { id, name, arguments: input } of toolCalls) {
    blocks.push({ type: 'tool_use', id, name, input })
  }
  return blocks
}

function* claudeBlockEvents(filled: Filled): Generator<Record<string, unknown> & { readonly type: string }> {
  for (const [index, block] of claudeBlocks(filled).entries()) {
    const isText = block['type'] === 'text'
    const start = isText ? { type: 'text', text: '' } : { ...block, input: {} }
    yield { type: 'content_block_start', index, content_block: start }
    const source = isText ? String(block['text']) : JSON.stringify(block['input'])
    for (const piece of pieces(source)) {
      const delta = isText ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece }
      yield { type: 'content_block_delta', index, delta }
    }
    yield { type: 'content_block_stop', index }
  }
}

/** Pieces of at most 12 characters, never inside a surrogate pair. */
function pieces(text: string): readonly string[] {
  return text.match(/.{1,12}/gsu) ?? []
}
