import { describe, expect, it, test } from 'vitest'

import type { FormatName, JsonObject, Loss } from '../../src/index.ts'
import { convertStream, convertWhole, messagesSse, wire, type ExchangeSetup, type SeenStream } from './harness.ts'

const TOOL_USE: JsonObject = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'cats' } }
const RESULT: JsonObject = {
  type: 'web_search_tool_result',
  tool_use_id: 'srvtoolu_1',
  content: [{ type: 'web_search_result', url: 'https://example.org/', title: 'Cats', encrypted_content: 'x' }],
}
const MESSAGES_ANSWER: JsonObject = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'up',
  content: [{ type: 'text', text: 'Let me see.' }, TOOL_USE, RESULT, { type: 'text', text: 'Cats sleep.' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 1 },
}
const FLAT = 'Let me see.\n\n[web_search "cats"]\n\n[web_search: 1 results: Cats — https://example.org/]\n\nCats sleep.'

function block(index: number, content: JsonObject): readonly JsonObject[] {
  return [
    { type: 'content_block_start', index, content_block: content },
    { type: 'content_block_stop', index },
  ]
}

/** The same answer as a stream; the input of the search comes in fragments. */
const MESSAGES_STREAM = messagesSse(
  wire.start(),
  ...block(0, { type: 'text', text: 'Let me see.' }),
  { type: 'content_block_start', index: 1, content_block: { ...TOOL_USE, input: {} } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"query":' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"cats"}' } },
  { type: 'content_block_stop', index: 1 },
  ...block(2, RESULT),
  ...block(3, { type: 'text', text: 'Cats sleep.' }),
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
  { type: 'message_stop' },
)

const SEARCH_CALL: JsonObject = {
  id: 'ws_1',
  type: 'web_search_call',
  status: 'completed',
  action: { type: 'search', query: 'cats', sources: [{ type: 'url', url: 'https://example.org/' }] },
}

function said(text: string, phase?: string): JsonObject {
  return {
    id: `msg_${text.length}`,
    type: 'message',
    role: 'assistant',
    phase,
    content: [{ type: 'output_text', text, annotations: [] }],
  }
}

function response(...output: readonly JsonObject[]): JsonObject {
  return { id: 'resp_1', object: 'response', status: 'completed', model: 'up', output }
}

function responsesSse(...output: readonly JsonObject[]): string {
  const done = output.map((item, index) => ({ type: 'response.output_item.done', output_index: index, item }))
  const events = [
    { type: 'response.created', response: { id: 'resp_1', model: 'up' } },
    ...done,
    { type: 'response.completed', response: response(...output) },
  ]
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
}

function chatFrom(upstream: FormatName, serverToolText = true): ExchangeSetup {
  return { client: 'openai-chat', upstream, options: { serverToolText } }
}

function contentOf(body: JsonObject): unknown {
  const { choices } = body
  const [choice] = Array.isArray(choices) ? choices : []
  return JSON.parse(JSON.stringify(choice)).message.content
}

function streamedContent({ events }: SeenStream): string {
  return events.map(({ data }) => (data === '[DONE]' ? '' : (data.choices[0]?.delta.content ?? ''))).join('')
}

function codes(losses: readonly Loss[]): readonly string[] {
  return losses.map(({ code, level }) => `${level} ${code}`)
}

describe('3.1 server tools in the text of a Chat answer, by option', () => {
  it('are written between the texts, whole and streamed alike', () => {
    const whole = convertWhole(chatFrom('anthropic-messages'), MESSAGES_ANSWER)
    expect(contentOf(whole.body)).toBe(FLAT)
    const streamed = convertStream(chatFrom('anthropic-messages'), MESSAGES_STREAM)
    expect(streamedContent(streamed)).toBe(FLAT)
    for (const losses of [whole.losses, streamed.losses]) {
      expect(codes(losses)).toContain('degraded server_tool_flattened')
      expect(codes(losses)).not.toContain('lossy server_tool_dropped')
    }
  })

  it('are written for a Responses upstream too', () => {
    const items = [SEARCH_CALL, said('Cats sleep.')]
    const flat = '[web_search "cats": 1 results: https://example.org/]\n\nCats sleep.'
    expect(contentOf(convertWhole(chatFrom('openai-responses'), response(...items)).body)).toBe(flat)
    expect(streamedContent(convertStream(chatFrom('openai-responses'), responsesSse(...items)))).toBe(flat)
  })

  it('are dropped and reported without the option, and where nothing of them can be read', () => {
    const picture = { id: 'ig_1', type: 'image_generation_call', result: 'aGk=' }
    const cases: [ExchangeSetup, JsonObject][] = [
      [chatFrom('openai-responses', false), SEARCH_CALL],
      [chatFrom('openai-responses'), picture],
    ]
    for (const [setup, item] of cases) {
      const whole = convertWhole(setup, response(item, said('Cats sleep.')))
      const streamed = convertStream(setup, responsesSse(item, said('Cats sleep.')))
      expect([contentOf(whole.body), streamedContent(streamed)]).toEqual(['Cats sleep.', 'Cats sleep.'])
      expect(codes(whole.losses)).toContain('lossy server_tool_dropped')
      expect(codes(streamed.losses)).toContain('lossy server_tool_dropped')
    }
  })
})

test.for(['openai-chat', 'anthropic-messages'] as const)(
  'EC-102 a phase that %s has no word for is reported as no loss of meaning',
  (client) => {
    const items = [said('hm', 'commentary'), said('Cats sleep.', 'final_answer')]
    const setup = { client, upstream: 'openai-responses' } as const
    const results = [convertWhole(setup, response(...items)), convertStream(setup, responsesSse(...items))]
    for (const { losses } of results) {
      expect(losses).toContainEqual(
        expect.objectContaining({ code: 'param_unsupported', level: 'info', path: '#phase', detail: { count: 2 } }),
      )
    }
  },
)
