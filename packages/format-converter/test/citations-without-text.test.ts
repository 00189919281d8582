import { describe, expect, it } from 'vitest'

import type { Loose } from '../src/testing/loose.ts'
import { messagesSse } from './catalogue/harness.ts'
import { eventsOf, gather, pour } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import type { Pair } from './support/pairs.ts'

const PAIR: Pair = { client: 'openai-chat', upstream: 'anthropic-messages' }
const citation = {
  type: 'web_search_result_location',
  url: 'https://a.example/',
  title: 'A',
  cited_text: 'x',
  encrypted_index: 'e',
}

const start = (index: number): Loose => ({
  type: 'content_block_start',
  index,
  content_block: { type: 'text', text: '' },
})
const SSE = messagesSse(
  {
    type: 'message_start',
    message: { id: 'msg_1', role: 'assistant', content: [], usage: { input_tokens: 1, output_tokens: 1 } },
  },
  start(0),
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
  { type: 'content_block_stop', index: 0 },
  start(1),
  { type: 'content_block_delta', index: 1, delta: { type: 'citations_delta', citation } },
  { type: 'content_block_stop', index: 1 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
)

describe('a citation in a block without text', () => {
  const annotation = {
    type: 'url_citation',
    url_citation: { url: 'https://a.example/', title: 'A', start_index: 2, end_index: 2 },
  }

  it('stands where the block does, in a whole answer and in a stream', () => {
    const { message } = gather(PAIR, SSE).choices[0]
    expect(message).toMatchObject({ content: 'Hi', annotations: [annotation] })
    const deltas = eventsOf(pour({ ...PAIR, request: { stream: true } }, SSE)).map(({ choices }) => choices[0]?.delta)
    expect(deltas.filter((delta) => delta?.annotations !== undefined)).toEqual([{ annotations: [annotation] }])
  })
})

describe('a citation of white space behind a call', () => {
  it('has the white space in a stream as in a whole answer', async () => {
    const pair: Pair = { client: 'anthropic-messages', upstream: 'openai-responses' }
    const annotations = [{ type: 'url_citation', url: 'https://a.example/', title: 'A', start_index: 0, end_index: 1 }]
    const output = [
      { type: 'function_call', id: 'fc_1', call_id: 'call_a', name: 'f', arguments: '{}' },
      { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: ' ', annotations }] },
    ]
    const response = { id: 'resp_1', object: 'response', status: 'completed', output }
    const sse = messagesSse({ type: 'response.created', response }, { type: 'response.completed', response })
    const { content } = gather(pair, sse)
    expect(content).toMatchObject([{ type: 'tool_use' }, { type: 'text', text: ' ', citations: [{ title: 'A' }] }])
    expect(await judge('anthropic-messages', pour(pair, sse))).toMatchObject({ content })
  })
})
