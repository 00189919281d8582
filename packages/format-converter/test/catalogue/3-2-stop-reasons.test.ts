import { describe, expect, it } from 'vitest'

import type { FormatName, JsonObject, StopReason } from '../../src/index.ts'
import { chatSse, chunk, convertStream, convertWhole, messagesSse, wire } from './harness.ts'

type Decoded = readonly [word: string, stop: StopReason]

/** Why an answer with text, and no call, ended. */
const MESSAGES: readonly Decoded[] = [
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop_sequence'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
  ['compaction', 'compaction'],
  ['tool_use', 'stop'],
  ['a word of tomorrow', 'unknown'],
]

const CHAT: readonly Decoded[] = [
  ...['stop', 'eos', 'eos_token', 'end_turn'].map((word): Decoded => [word, 'stop']),
  ...['length', 'max_tokens', 'model_length'].map((word): Decoded => [word, 'length']),
  ...['tool_calls', 'function_call', 'tool_use'].map((word): Decoded => [word, 'stop']),
  ...['content_filter', 'safety', 'sensitive'].map((word): Decoded => [word, 'filter']),
  ['refusal', 'refusal'],
  ['a word of tomorrow', 'unknown'],
]

/** What each client is told: Messages, Chat, Responses. */
const TOLD: Readonly<Record<StopReason, readonly [messages: string, chat: string, responses: string]>> = {
  stop: ['end_turn', 'stop', 'completed'],
  unknown: ['end_turn', 'stop', 'completed'],
  stop_sequence: ['stop_sequence', 'stop', 'completed'],
  tool: ['tool_use', 'tool_calls', 'completed'],
  length: ['max_tokens', 'length', 'incomplete max_output_tokens'],
  context: ['model_context_window_exceeded', 'length', 'incomplete max_output_tokens'],
  refusal: ['refusal', 'content_filter', 'incomplete content_filter'],
  filter: ['refusal', 'content_filter', 'incomplete content_filter'],
  pause: ['pause_turn', 'stop', 'completed'],
  compaction: ['compaction', 'stop', 'completed'],
}

function wordOf(client: FormatName, body: JsonObject): unknown {
  if (client === 'anthropic-messages') return body['stop_reason']
  const answer = JSON.parse(JSON.stringify(body))
  if (client === 'openai-chat') return answer.choices[0].finish_reason
  return [answer.status, answer.incomplete_details?.reason].filter((part) => part !== undefined).join(' ')
}

const CLIENTS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const

describe.each(CLIENTS)('3.2 what a client of %s is told', (client) => {
  const at = CLIENTS.indexOf(client)
  const request: JsonObject = client === 'openai-responses' ? { model: 'asked-model', input: 'x' } : {}

  it.each(client === 'anthropic-messages' ? [] : MESSAGES)('of Messages %s: %s', (word, stop) => {
    const setup = { client, upstream: 'anthropic-messages', request } as const
    const sse = messagesSse(wire.start(), ...wire.text(0, 'x'), ...wire.stop(word))
    expect(convertStream({ ...setup, request: { ...request, stream: true } }, sse).stream.stop).toBe(stop)
    const body = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [{ type: 'text', text: 'x' }] }
    const answer = convertWhole(setup, { ...body, stop_reason: word, stop_sequence: null, usage: {} })
    expect([answer.stop, wordOf(client, answer.body)]).toEqual([stop, TOLD[stop][at]])
  })

  it.each(client === 'openai-chat' ? [] : CHAT)('of Chat %s: %s', (word, stop) => {
    const setup = { client, upstream: 'openai-chat', request } as const
    const sse = chatSse(chunk({ content: 'x' }), chunk({}, word))
    expect(convertStream({ ...setup, request: { ...request, stream: true } }, sse).stream.stop).toBe(stop)
    const choice = { index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: word }
    const answer = convertWhole(setup, { id: 'c', choices: [choice] })
    expect([answer.stop, wordOf(client, answer.body)]).toEqual([stop, TOLD[stop][at]])
  })
})
