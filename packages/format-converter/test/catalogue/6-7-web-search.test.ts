import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../src/index.ts'
import { unnamedSse } from '../support/exchanges.ts'
import { convertStream, convertWhole, judgeMessagesStream, type ExchangeSetup } from './harness.ts'

const CALL: JsonObject = {
  id: 'ws_1',
  type: 'web_search_call',
  status: 'completed',
  action: {
    type: 'search',
    query: 'cats',
    queries: ['cats'],
    sources: [
      { type: 'url', url: 'https://example.org/a' },
      { type: 'api', name: 'news' },
    ],
  },
}
const MESSAGE: JsonObject = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Cats sleep.', annotations: [] }],
}

function response(...output: readonly JsonObject[]): JsonObject {
  const usage = { input_tokens: 5, output_tokens: 3, total_tokens: 8 }
  const searches = { web_search: { num_requests: 1 } }
  return { id: 'resp_1', object: 'response', status: 'completed', model: 'up', output, usage, tool_usage: searches }
}

const SEARCHING: ExchangeSetup = {
  client: 'anthropic-messages',
  upstream: 'openai-responses',
  request: { model: 'gpt-5.2', tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] },
}

const BLOCKS = [
  {
    type: 'server_tool_use',
    id: 'srvtoolu_aaaaaaaaaaaaaaaaaaaaaaaa',
    name: 'web_search',
    input: { query: 'cats' },
    caller: { type: 'direct' },
  },
  {
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_aaaaaaaaaaaaaaaaaaaaaaaa',
    content: [
      {
        type: 'web_search_result',
        url: 'https://example.org/a',
        title: 'https://example.org/a',
        encrypted_content: '',
        page_age: null,
      },
    ],
    caller: { type: 'direct' },
  },
  { type: 'text', text: 'Cats sleep.', citations: null },
]

describe('6.7 a web search of a Responses upstream, for a Messages client', () => {
  it('becomes a call and its result when the client declared the search', () => {
    const { body, losses } = convertWhole(SEARCHING, response(CALL, MESSAGE))
    expect(body['content']).toEqual(BLOCKS)
    expect(body).toMatchObject({ stop_reason: 'end_turn', usage: { server_tool_use: { web_search_requests: 1 } } })
    expect(losses.map(({ code }) => code)).not.toContain('server_tool_dropped')
  })

  it('streams as the same blocks, which the official SDK accepts', async () => {
    const sse = unnamedSse(
      { type: 'response.created', response: { id: 'resp_1', model: 'up' } },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { id: 'ws_1', type: 'web_search_call', status: 'in_progress' },
      },
      { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' },
      { type: 'response.output_item.done', output_index: 0, item: CALL },
      { type: 'response.output_item.done', output_index: 1, item: MESSAGE },
      { type: 'response.completed', response: response(CALL, MESSAGE) },
    )
    const message = await judgeMessagesStream(convertStream(SEARCHING, sse).text)
    expect(message.content).toEqual(BLOCKS)
    expect(message.usage.server_tool_use).toMatchObject({ web_search_requests: 1 })
  })

  it('is left out and reported when the client knows no search, or the upstream names no page', () => {
    const silent = { ...CALL, action: { type: 'search', query: 'cats' } }
    const opened = { ...CALL, action: { type: 'open_page', url: 'https://example.org/a' } }
    const cases: [ExchangeSetup, JsonObject][] = [
      [{ ...SEARCHING, request: {} }, CALL],
      [SEARCHING, silent],
      [SEARCHING, opened],
      [SEARCHING, { ...CALL, type: 'file_search_call' }],
    ]
    for (const [setup, call] of cases) {
      const { body, losses } = convertWhole(setup, response(call, MESSAGE))
      expect(body['content']).toEqual([BLOCKS[2]])
      expect(losses).toContainEqual(expect.objectContaining({ code: 'server_tool_dropped', level: 'lossy' }))
    }
  })

  it('names all queries of a search that has several', () => {
    const action = { type: 'search', queries: ['cats', 'dogs'], sources: [{ type: 'url', url: 'https://a.example' }] }
    expect(convertWhole(SEARCHING, response({ ...CALL, action })).body['content']).toMatchObject([
      { input: { query: 'cats; dogs' } },
      { type: 'web_search_tool_result' },
    ])
  })
})
