import { describe, expect, it } from 'vitest'

import { createConverter, type Exchange, type JsonObject } from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { judge } from './support/judges.ts'

const NAMES: JsonObject = {
  type: 'object',
  properties: { 'my key': { type: 'integer' }, ok: { type: 'object', properties: { ü: { type: 'string' } } } },
  required: ['my key'],
}
const LIST: JsonObject = { type: 'array', items: { type: 'integer' } }

/** A Chat client whose tool Messages cannot take as it is declared. */
function open(
  parameters: JsonObject,
  history: readonly JsonObject[] = [],
): Exchange<'openai-chat', 'anthropic-messages'> {
  return createConverter({ client: 'openai-chat', upstream: 'anthropic-messages' }).exchange({
    model: 'claude-opus-5',
    stream_options: { include_usage: true },
    tools: [{ type: 'function', function: { name: 'f', parameters } }],
    messages: [{ role: 'user', content: 'x' }, ...history],
  })
}

function answer(input: JsonObject): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input }],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  }
}

function sse(pieces: readonly string[]): string {
  const events = [
    { type: 'message_start', message: { ...answer({}), content: [], stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} } },
    ...pieces.map((partial_json) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json },
    })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  ]
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

const argumentsOf = (body: Loose): string => body.choices[0].message.tool_calls[0].function.arguments

describe('tools whose arguments the target cannot take as they are', () => {
  it('have legal property names upstream, and their own in answers, whole or streamed, digit by digit', async () => {
    const exchange = open(NAMES)
    const schema: Loose = exchange.request.tools?.[0]
    const [wire = '', ok = ''] = Object.keys(schema.input_schema.properties)
    const [inner = ''] = Object.keys(schema.input_schema.properties.ok.properties)
    expect([wire, inner]).toEqual([
      expect.stringMatching(/^my_key_[0-9a-f]{8}$/),
      expect.stringMatching(/^__?[0-9a-f]{8}$/),
    ])
    expect(ok).toBe('ok')
    expect(schema.input_schema.required).toEqual([wire])
    expect(exchange.losses).toMatchObject([{ code: 'schema_sanitized', level: 'repaired' }, {}])
    const text = `{"${wire}": 12345678901234567890, "ok": {"${inner}": "\\"${wire}\\": no key"}}`
    const expected = `{"my key": 12345678901234567890, "ok": {"ü": "\\"${wire}\\": no key"}}`
    const stream = exchange.stream()
    const pieces = text.match(/[\s\S]{1,5}/g) ?? []
    const streamed = await judge('openai-chat', stream.push(new TextEncoder().encode(sse(pieces))) + stream.end())
    expect(argumentsOf(streamed)).toBe(expected)
    expect(JSON.parse(argumentsOf(open(NAMES).response(answer({ [wire]: 1 })).body))).toEqual({ 'my key': 1 })
  })

  it('have their own names in earlier calls too', () => {
    const call = { id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{"my key":1}' } }
    const history = [
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'ok' },
    ]
    const { request }: Loose = open(NAMES, history)
    expect(request.messages[1].content[0].input).toEqual({
      [Object.keys(request.tools[0].input_schema.properties)[0] ?? '']: 1,
    })
  })

  it('get arguments that are no object back without their wrapping', async () => {
    const exchange = open(LIST)
    const schema: Loose = exchange.request.tools?.[0]
    expect(schema.input_schema).toEqual({ type: 'object', properties: { value: LIST }, required: ['value'] })
    const stream = exchange.stream()
    const streamed = await judge(
      'openai-chat',
      stream.push(new TextEncoder().encode(sse(['{"val', 'ue": [1, ', '2]}']))) + stream.end(),
    )
    expect(argumentsOf(streamed)).toBe('[1, 2]')
    expect(argumentsOf(open(LIST).response(answer({ value: [1, 2] })).body)).toBe('[1,2]')
  })

  it('are wrapped the same way in earlier calls', () => {
    const call = { id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '[1,2]' } }
    const history = [
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'ok' },
    ]
    const { request }: Loose = open(LIST, history)
    expect(request.messages[1].content[0].input).toEqual({ value: [1, 2] })
  })
})
