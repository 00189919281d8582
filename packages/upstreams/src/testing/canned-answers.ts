import type { FakeReply, FakeReplyOptions } from './fake-answer.ts'
import { jsonReply, sseReply } from './fake-answer.ts'
import type { FakeScript, RecordedRequest } from './fake-upstream.ts'

/** A tool call of a canned answer. */
export interface CannedToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Reasoning of a canned answer. */
export interface CannedReasoning {
  readonly text: string
  readonly proof: string
}

/** What a canned answer says; the same content as one JSON body and as an event stream. */
export interface CannedContent {
  readonly text?: string
  readonly toolCalls?: readonly CannedToolCall[]
  /** Reasoning before the text, with its proof in the format's own place (Chat: an entry of `reasoning_details`). */
  readonly reasoning?: CannedReasoning
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
  readonly reasoning: CannedReasoning | undefined
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

/** An answer in the OpenAI Responses format; it says that it was stored, as OpenAI's does unless told otherwise. */
export function responsesAnswer(content: CannedContent = {}): CannedAnswer {
  const filled = fill(content, 'gpt-fake')
  const output = responsesItems(filled)
  const head = {
    id: content.id ?? 'resp_fake',
    object: 'response',
    created_at: 1_700_000_000,
    model: filled.model,
    error: null,
    incomplete_details: null,
    store: true,
  }
  const usage = {
    input_tokens: filled.inputTokens,
    input_tokens_details: { cached_tokens: filled.cachedTokens },
    output_tokens: filled.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: filled.inputTokens + filled.outputTokens,
  }
  const json = { ...head, status: 'completed', output, usage }
  const begun = { ...head, status: 'in_progress', output: [], usage: null }
  const events = [
    { type: 'response.created', response: begun },
    ...output.flatMap((item, index) => responsesItemEvents(item, index)),
    { type: 'response.completed', response: json },
  ].map((event, index) => ({ ...event, sequence_number: index }))
  const sse = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  return both(json, sse)
}

function responsesItems({ text, toolCalls, reasoning }: Filled): readonly Record<string, unknown>[] {
  const items: Record<string, unknown>[] = []
  if (reasoning !== undefined) {
    const summary = [{ type: 'summary_text', text: reasoning.text }]
    items.push({ id: 'rs_fake', type: 'reasoning', summary, encrypted_content: reasoning.proof })
  }
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }]
  if (text !== '') items.push({ id: 'msg_fake', type: 'message', role: 'assistant', status: 'completed', content })
  for (const { id, name, arguments: input } of toolCalls) {
    const call = { call_id: id, name, arguments: JSON.stringify(input), status: 'completed' }
    items.push({ id: `fc_${id}`, type: 'function_call', ...call })
  }
  return items
}

interface ResponsesEvent extends Record<string, unknown> {
  readonly type: string
}

function responsesItemEvents(item: Record<string, unknown>, index: number): readonly ResponsesEvent[] {
  const place = { item_id: item['id'], output_index: index }
  const added = { type: 'response.output_item.added', output_index: index, item: { ...item, ...emptyMembers(item) } }
  return [added, ...responsesDeltas(item, place), { type: 'response.output_item.done', output_index: index, item }]
}

/** What an item does not have yet when it begins. */
function emptyMembers(item: Record<string, unknown>): Record<string, unknown> {
  if (item['type'] === 'reasoning') return { summary: [], encrypted_content: '' }
  return { status: 'in_progress', ...(item['type'] === 'message' ? { content: [] } : { arguments: '' }) }
}

function responsesDeltas(item: Record<string, unknown>, place: Record<string, unknown>): readonly ResponsesEvent[] {
  if (item['type'] === 'function_call') {
    const name = 'response.function_call_arguments'
    const deltas = pieces(String(item['arguments'])).map((delta) => ({ type: `${name}.delta`, ...place, delta }))
    return [...deltas, { type: `${name}.done`, ...place, name: item['name'], arguments: item['arguments'] }]
  }
  const isMessage = item['type'] === 'message'
  const [part] = (isMessage ? item['content'] : item['summary']) as readonly { readonly text: string }[] // made above
  const text = part?.text ?? ''
  const at = { ...place, ...(isMessage ? { content_index: 0 } : { summary_index: 0 }) }
  const [whole, piece] = isMessage
    ? ['response.content_part', 'response.output_text']
    : ['response.reasoning_summary_part', 'response.reasoning_summary_text']
  return [
    { type: `${whole}.added`, ...at, part: { ...part, text: '' } },
    ...pieces(text).map((delta) => ({ type: `${piece}.delta`, ...at, delta, ...(isMessage && { logprobs: [] }) })),
    { type: `${piece}.done`, ...at, text, ...(isMessage && { logprobs: [] }) },
    { type: `${whole}.done`, ...at, part },
  ]
}

function fill(content: CannedContent, model: string): Filled {
  const toolCalls = content.toolCalls ?? []
  return {
    text: content.text ?? (toolCalls.length > 0 ? '' : 'Hello there.'),
    toolCalls,
    reasoning: content.reasoning,
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

function chatMessage({ text, toolCalls, reasoning }: Filled): Record<string, unknown> {
  const thought = reasoning === undefined ? {} : chatReasoning(reasoning)
  const message = { role: 'assistant', content: text === '' ? null : text, refusal: null, ...thought }
  return toolCalls.length === 0 ? message : { ...message, tool_calls: toolCalls.map(chatToolCall) }
}

function chatReasoning({ text, proof }: CannedReasoning): Record<string, unknown> {
  const entry = { type: 'reasoning.encrypted', data: proof, id: 'rs_fake', format: 'fake-v1', index: 0 }
  return { reasoning: text, reasoning_details: [entry] }
}

function chatToolCall(call: CannedToolCall): Record<string, unknown> {
  const wire = { name: call.name, arguments: JSON.stringify(call.arguments) }
  return { id: call.id, type: 'function', function: wire }
}

function* chatDeltas({ text, toolCalls, reasoning }: Filled): Generator<Record<string, unknown>> {
  yield { role: 'assistant', content: '' }
  if (reasoning !== undefined) yield chatReasoning(reasoning)
  for (const piece of pieces(text)) yield { content: piece }
  for (const [index, call] of toolCalls.entries()) {
    const { id, name } = call
    yield { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }
    for (const piece of pieces(JSON.stringify(call.arguments))) {
      yield { tool_calls: [{ index, function: { arguments: piece } }] }
    }
  }
}

function claudeBlocks({ text, toolCalls, reasoning }: Filled): readonly Record<string, unknown>[] {
  const blocks: Record<string, unknown>[] = []
  if (reasoning !== undefined) blocks.push({ type: 'thinking', thinking: reasoning.text, signature: reasoning.proof })
  if (text !== '') blocks.push({ type: 'text', text })
  for (const { id, name, arguments: input } of toolCalls) {
    blocks.push({ type: 'tool_use', id, name, input })
  }
  return blocks
}

function* claudeBlockEvents(filled: Filled): Generator<Record<string, unknown> & { readonly type: string }> {
  for (const [index, block] of claudeBlocks(filled).entries()) {
    yield { type: 'content_block_start', index, content_block: emptyBlock(block) }
    for (const delta of claudeDeltas(block)) yield { type: 'content_block_delta', index, delta }
    yield { type: 'content_block_stop', index }
  }
}

function emptyBlock(block: Record<string, unknown>): Record<string, unknown> {
  if (block['type'] === 'thinking') return { type: 'thinking', thinking: '', signature: '' }
  return block['type'] === 'text' ? { type: 'text', text: '' } : { ...block, input: {} }
}

function claudeDeltas(block: Record<string, unknown>): readonly Record<string, unknown>[] {
  switch (block['type']) {
    case 'thinking':
      return [
        ...pieces(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block['signature'] },
      ]
    case 'text':
      return pieces(String(block['text'])).map((text) => ({ type: 'text_delta', text }))
    default:
      return pieces(JSON.stringify(block['input'])).map((text) => ({ type: 'input_json_delta', partial_json: text }))
  }
}

/** Pieces of at most 12 characters, never inside a surrogate pair. */
function pieces(text: string): readonly string[] {
  return text.match(/.{1,12}/gsu) ?? []
}
