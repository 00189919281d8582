import type { JsonObject } from '../../src/index.ts'
import type { Format } from './pairs.ts'

/** A part of an answer, in the order in which it was said. */
export type MadePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'thought'; readonly text: string; readonly proof: string }
  | { readonly kind: 'call'; readonly name: string; readonly text: string }

/** An answer that no vendor's format has written yet. */
export interface MadeAnswer {
  readonly parts: readonly MadePart[]
  readonly end: 'done' | 'length' | 'filter'
  readonly input: number
  readonly cached: number
  readonly output: number
}

/** An answer in an upstream's words: as one body, and as the stream of it. */
export interface Said {
  readonly body: JsonObject
  readonly sse: string
}

type Call = Extract<MadePart, { kind: 'call' }>

/** Says an answer as a server of the format would, every text in pieces of a few characters. */
export function say(format: Format, answer: MadeAnswer): Said {
  switch (format) {
    case 'anthropic-messages':
      return sayMessages(answer)
    case 'openai-chat':
      return sayChat(answer)
    case 'openai-responses':
      return sayResponses(answer)
  }
}

const PIECE = 3

function pieces(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / PIECE) }, (_, at) => text.slice(at * PIECE, (at + 1) * PIECE))
}

function isCall(part: MadePart): part is Call {
  return part.kind === 'call'
}

function sayMessages({ parts, end, input, cached, output }: MadeAnswer): Said {
  const usage = { input_tokens: input, cache_read_input_tokens: cached, output_tokens: output }
  const done = parts.some(isCall) ? 'tool_use' : 'end_turn'
  const stop_reason = { done, length: 'max_tokens', filter: 'refusal' }[end]
  const empty = { id: 'msg_1', type: 'message', role: 'assistant', model: 'up', stop_sequence: null }
  const events = [
    { type: 'message_start', message: { ...empty, content: [], stop_reason: null, usage } },
    ...parts.flatMap(messagesBlock),
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: output } },
    { type: 'message_stop' },
  ]
  const content = parts.map((part, index) =>
    isCall(part) ? { ...messagesStart(part, index), input: JSON.parse(part.text || '{}') } : messagesWhole(part),
  )
  return { body: { ...empty, content, stop_reason, usage }, sse: named(events) }
}

function messagesStart(part: MadePart, index: number): JsonObject {
  if (isCall(part)) return { type: 'tool_use', id: `call_${index}`, name: part.name, input: {} }
  return part.kind === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '', signature: '' }
}

function messagesWhole(part: Exclude<MadePart, Call>): JsonObject {
  return part.kind === 'text'
    ? { type: 'text', text: part.text }
    : { type: 'thinking', thinking: part.text, signature: part.proof }
}

function messagesBlock(part: MadePart, index: number): JsonObject[] {
  const deltas = pieces(part.text).map((piece): JsonObject => {
    if (isCall(part)) return { type: 'input_json_delta', partial_json: piece }
    return part.kind === 'text' ? { type: 'text_delta', text: piece } : { type: 'thinking_delta', thinking: piece }
  })
  if (part.kind === 'thought' && part.proof !== '') deltas.push({ type: 'signature_delta', signature: part.proof })
  return [
    { type: 'content_block_start', index, content_block: messagesStart(part, index) },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

/** Chat has one reasoning, one text and then calls, whose pieces come in turns here. */
function sayChat({ parts, end, input, cached, output }: MadeAnswer): Said {
  const textOf = (kind: MadePart['kind']): string =>
    parts.flatMap((part) => (part.kind === kind ? part.text : [])).join('\n\n')
  const calls = parts.filter(isCall)
  const finish_reason = { done: calls.length > 0 ? 'tool_calls' : 'stop', length: 'length', filter: 'content_filter' }[
    end
  ]
  const details = { cached_tokens: cached }
  const prompt = input + cached
  const usage = { prompt_tokens: prompt, completion_tokens: output, total_tokens: prompt + output }
  const counted = { ...usage, prompt_tokens_details: details }
  const message = {
    role: 'assistant',
    content: textOf('text') || null,
    ...(textOf('thought') !== '' && { reasoning_content: textOf('thought') }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ name, text }, at) => ({ ...chatCall(at), function: { name, arguments: text } })),
    }),
  }
  const deltas = [
    { role: 'assistant', content: '' },
    ...pieces(textOf('thought')).map((piece) => ({ reasoning_content: piece })),
    ...pieces(textOf('text')).map((piece) => ({ content: piece })),
    ...chatPieces(calls).map((entry) => ({ tool_calls: [entry] })),
  ]
  const chunks = [
    ...deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] })),
    { choices: [{ index: 0, delta: {}, finish_reason }] },
    { choices: [], usage: counted },
  ]
  const head = { id: 'c1', created: 1, model: 'up' }
  return {
    body: { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage: counted },
    sse: `${chunks.map((chunk) => `data: ${JSON.stringify({ ...head, ...chunk })}\n\n`).join('')}data: [DONE]\n\n`,
  }
}

function chatCall(at: number): JsonObject {
  return { id: `call_${at}`, type: 'function' }
}

/** First every call is named, then each gets a piece in turn. */
function chatPieces(calls: readonly Call[]): JsonObject[] {
  const names = calls.map(({ name }, index) => ({ index, ...chatCall(index), function: { name, arguments: '' } }))
  const longest = Math.max(0, ...calls.map(({ text }) => pieces(text).length))
  const rounds = Array.from({ length: longest }, (_, round) =>
    calls.flatMap(({ text }, index) => {
      const piece = pieces(text)[round]
      return piece === undefined ? [] : { index, function: { arguments: piece } }
    }),
  )
  return [...names, ...rounds.flat()]
}

function sayResponses({ parts, end, input, cached, output: tokens }: MadeAnswer): Said {
  const output = parts.map(responsesItem)
  const status = end === 'done' ? 'completed' : 'incomplete'
  const reason = { done: undefined, length: 'max_output_tokens', filter: 'content_filter' }[end]
  const total = input + cached
  const usage = {
    input_tokens: total,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: tokens,
    total_tokens: total + tokens,
  }
  const head = { id: 'resp_1', object: 'response', created_at: 1, model: 'up' }
  const incomplete_details = reason === undefined ? null : { reason }
  const body = { ...head, status, incomplete_details, output, usage }
  const events = [
    { type: 'response.created', response: { ...head, status: 'in_progress', output: [] } },
    ...parts.flatMap((part, index) => responsesEvents(part, index)),
    { type: `response.${status}`, response: body },
  ]
  return { body, sse: named(events.map((event, at) => ({ ...event, sequence_number: at }))) }
}

function responsesItem(part: MadePart, index: number): JsonObject {
  if (isCall(part)) {
    const call = { call_id: `call_${index}`, name: part.name, arguments: part.text, status: 'completed' }
    return { id: `fc_${index}`, type: 'function_call', ...call }
  }
  if (part.kind === 'thought') {
    const proof = part.proof === '' ? {} : { encrypted_content: part.proof }
    return { id: `rs_${index}`, type: 'reasoning', summary: [{ type: 'summary_text', text: part.text }], ...proof }
  }
  const content = [{ type: 'output_text', text: part.text, annotations: [] }]
  return { id: `msg_${index}`, type: 'message', role: 'assistant', status: 'completed', content }
}

const DELTAS: { readonly [Kind in MadePart['kind']]: string } = {
  text: 'response.output_text.delta',
  thought: 'response.reasoning_summary_text.delta',
  call: 'response.function_call_arguments.delta',
}

function responsesEvents(part: MadePart, output_index: number): JsonObject[] {
  const item = responsesItem(part, output_index)
  const place = { output_index, item_id: item['id'], content_index: 0, summary_index: 0 }
  return [
    { type: 'response.output_item.added', output_index, item: { ...item, content: [], summary: [], arguments: '' } },
    ...pieces(part.text).map((delta) => ({ type: DELTAS[part.kind], ...place, delta })),
    { type: 'response.output_item.done', output_index, item },
  ]
}

function named(events: readonly JsonObject[]): string {
  return events.map((event) => `event: ${nameOf(event)}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

function nameOf({ type }: JsonObject): string {
  return typeof type === 'string' ? type : 'untyped'
}
