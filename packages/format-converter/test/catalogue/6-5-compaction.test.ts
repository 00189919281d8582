import { expect, it } from 'vitest'

import { createConverter, type FormatName, type JsonObject } from '../../src/index.ts'
import { isJsonArray, isJsonObject } from '../../src/model/json.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { eventsOf, gather, pour, unnamedSse } from '../support/exchanges.ts'
import type { Pair } from '../support/pairs.ts'
import { convertStream, convertWhole, messagesSse, wire } from './harness.ts'

const SUMMARY: JsonObject = {
  type: 'compaction',
  content: 'they spoke of cats',
  encrypted_content: 'sealed-by-anthropic',
  signature: 'signed',
}

const RESPONSES_CLIENT = { client: 'openai-responses', upstream: 'anthropic-messages' } as const

/** The items of a Responses answer with a summary, as a client would send them back. */
function itemsOfAnswer(summary = SUMMARY): readonly JsonObject[] {
  const answer = convertWhole(
    { ...RESPONSES_CLIENT, request: { model: 'm', input: 'x' } },
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-5',
      content: [summary, { type: 'text', text: 'go on' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  )
  const output: unknown = answer.body['output']
  return Array.isArray(output) ? output.filter((item) => isJsonObject(item)) : []
}

function send(upstream: FormatName, items: readonly JsonObject[], issuer?: string): JsonObject {
  const converter = createConverter({ client: 'openai-responses', upstream, seals: { issuer } })
  const input = [{ role: 'user', content: 'old' }, ...items, { role: 'user', content: 'new' }]
  return converter.exchange({ model: upstream === 'anthropic-messages' ? 'claude-opus-5' : 'm', input }).request
}

it('EC-138 a summary goes back to the vendor that made it as it was, through a client that could not read it', () => {
  const { messages } = send('anthropic-messages', itemsOfAnswer())
  expect(isJsonArray(messages) ? messages : []).toMatchObject([
    { role: 'user', content: [{ text: 'old' }] },
    { role: 'assistant', content: [SUMMARY, { text: 'go on' }] },
    { role: 'user' },
  ])
})

it('EC-138 a summary that is nothing but text comes back as well, to its vendor and to others', () => {
  const summary = { type: 'compaction', content: 'they spoke of cats' }
  const items = itemsOfAnswer(summary)
  expect(items[0]).toMatchObject({ type: 'compaction', encrypted_content: expect.stringMatching(/^rly1\./) })
  const { messages } = send('anthropic-messages', items)
  const said = isJsonArray(messages) ? messages : []
  expect(said[1]).toMatchObject({ content: [{ ...summary, encrypted_content: null }, { text: 'go on' }] })
  expect(JSON.stringify(send('openai-chat', items))).toContain('Summary of the conversation so far: they spoke of cats')
})

it('EC-138 a streamed summary comes back the same', () => {
  const { events } = convertStream(
    { ...RESPONSES_CLIENT, request: { model: 'm', input: 'x', stream: true } },
    messagesSse(
      wire.start(),
      { type: 'content_block_start', index: 0, content_block: { ...SUMMARY, content: null, encrypted_content: null } },
      {
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'compaction_delta', content: SUMMARY['content'], encrypted_content: 'sealed-by-anthropic' },
      },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: 'go on' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ),
  )
  const done = events.find(({ data }) => data.item?.type === 'compaction')
  expect(done?.data.item.encrypted_content).toBe(itemsOfAnswer()[0]?.['encrypted_content'])
})

it('EC-138 another vendor gets the text of the summary, and nothing from before it', () => {
  expect(send('openai-chat', itemsOfAnswer())['messages']).toEqual([
    { role: 'user', content: 'Summary of the conversation so far: they spoke of cats' },
    { role: 'assistant', content: 'go on' },
    { role: 'user', content: 'new' },
  ])
})

it("EC-138 another account of the same vendor gets the text, because the proof is not that account's", () => {
  const item = itemsOfAnswer()[0] ?? {}
  const bound = createConverter({ ...RESPONSES_CLIENT, seals: { issuer: 'account-a' } })
    .exchange({ model: 'm', input: 'x' })
    .response({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [SUMMARY],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    }).body['output']
  const items: unknown = bound
  const own = Array.isArray(items) && isJsonObject(items[0]) ? items[0] : item
  expect(JSON.stringify(send('anthropic-messages', [own], 'account-a'))).toContain('sealed-by-anthropic')
  const foreign = JSON.stringify(send('anthropic-messages', [own], 'account-b'))
  expect(foreign).not.toContain('sealed-by-anthropic')
  expect(foreign).toContain('they spoke of cats')
})

/** The block of a streamed summary as a Messages client puts it together, and as the whole answer has it. */
function summaryBothWays(pair: Pair, sse: string): { readonly streamed: Loose; readonly whole: Loose } {
  const events = eventsOf(pour(pair, sse))
  const start = events.find((event) => event.content_block?.type === 'compaction')
  const { type: _, ...delta } = events.find((event) => event.delta?.type === 'compaction_delta')?.delta ?? {}
  return { streamed: { ...start?.content_block, ...delta }, whole: gather(pair, sse).content[0] }
}

it('EC-138 a streamed summary keeps its proof for a Messages client', () => {
  const item = { id: 'cmp_1', type: 'compaction', encrypted_content: 'sealed-by-openai' }
  const sse = unnamedSse({ type: 'response.completed', response: { id: 'r', output: [item] } })
  const { streamed, whole } = summaryBothWays({ client: 'anthropic-messages', upstream: 'openai-responses' }, sse)
  expect(streamed).toEqual({ type: 'compaction', content: null, encrypted_content: expect.stringMatching(/^rly1\./) })
  expect(whole).toEqual(streamed)
})

it('EC-138 a streamed summary is the same when its stream is mended', () => {
  const pair = { client: 'anthropic-messages', upstream: 'anthropic-messages' } as const
  const sse = messagesSse(
    wire.start(),
    { type: 'content_block_start', index: 0, content_block: { ...SUMMARY, content: null, encrypted_content: null } },
    {
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'compaction_delta', content: SUMMARY['content'], encrypted_content: SUMMARY['encrypted_content'] },
    },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'compaction' }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  )
  const mended = { ...pair, converter: { options: { fixUpstreamStream: true } } }
  const { streamed, whole } = summaryBothWays(mended, sse)
  expect(streamed).toEqual(SUMMARY)
  expect(whole).toEqual(SUMMARY)
})
