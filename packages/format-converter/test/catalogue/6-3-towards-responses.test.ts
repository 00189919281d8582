import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { judgeResponsesStream } from '../../src/testing/responses-judge.ts'
import { chatSse, chunk, codesOf, convertStream, convertWhole, messagesSse, wire, type SeenStream } from './harness.ts'

const REQUEST = { model: 'asked-model', input: 'x', stream: true, include: ['reasoning.encrypted_content'] }
const FROM_MESSAGES = { client: 'openai-responses', upstream: 'anthropic-messages', request: REQUEST } as const
const FROM_CHAT = { client: 'openai-responses', upstream: 'openai-chat', request: REQUEST } as const

/** Upstream Messages, client Responses. */
function toResponses(...events: readonly JsonObject[]): SeenStream {
  return convertStream(FROM_MESSAGES, messagesSse(...events))
}

async function outputOf({ text }: SeenStream): Promise<Loose[]> {
  return (await judgeResponsesStream(text)).output
}

/** The vendor's own value inside the envelope of a reasoning item. */
function proofOf({ encrypted_content: envelope }: Loose): string {
  return JSON.parse(Buffer.from(envelope.slice('rly1.'.length), 'base64url').toString('utf8')).v
}

describe('6.2 and 6.3 towards a Responses client', () => {
  it('EC-063 the time of creation is the first one, whatever later chunks say', () => {
    const chunks = [1, 2, 3].map((created) => ({ ...chunk({ content: 'a' }), created }))
    const { events } = convertStream(FROM_CHAT, chatSse(...chunks, { ...chunk({}, 'stop'), created: 4 }))
    const times = events.flatMap(({ data }) => data.response?.created_at ?? [])
    expect(times.length).toBeGreaterThan(2)
    expect(new Set(times).size).toBe(1)
  })

  it('EC-067 what message_start and block starts already hold is emitted', async () => {
    const output = await outputOf(
      toResponses(
        wire.start({ content: [{ type: 'text', text: 'already' }] }),
        ...wire.block(0, { type: 'tool_use', id: 'toolu_1', name: 'w', input: { q: 'Paris' } }),
        ...wire.stop('tool_use'),
      ),
    )
    expect(output).toMatchObject([
      { type: 'message', content: [{ text: 'already' }] },
      { type: 'function_call', call_id: 'toolu_1', arguments: '{"q":"Paris"}' },
    ])
  })

  it('EC-071 a call without arguments has {}', async () => {
    const block = wire.block(0, { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} })
    const seen = toResponses(wire.start(), ...block, ...wire.stop('tool_use'))
    expect(await outputOf(seen)).toMatchObject([{ type: 'function_call', arguments: '{}' }])
  })

  it('EC-072 EC-075 thinking that is not shown is a reasoning item with its proof and no words', async () => {
    const omitted = { type: 'thinking', thinking: '', signature: '' }
    for (const [block, delta] of [
      [omitted, [{ type: 'signature_delta', signature: 'SIG' }]],
      [{ type: 'redacted_thinking', data: 'SECRET' }, []],
    ] as const) {
      const seen = toResponses(
        wire.start(),
        ...wire.block(0, block, ...delta),
        ...wire.text(1, 'Hi'),
        ...wire.stop('end_turn'),
      )
      const [reasoning, message] = await outputOf(seen)
      expect(reasoning).toMatchObject({
        type: 'reasoning',
        summary: [],
        encrypted_content: expect.stringMatching(/^rly1\./),
      })
      expect(message).toMatchObject({ type: 'message', content: [{ text: 'Hi' }] })
      expect(seen.events.some(({ data }) => String(data.type).includes('summary_text'))).toBe(false)
    }
  })

  it('EC-073 EC-074 several thoughts keep their order and their own proofs', async () => {
    const output = await outputOf(
      toResponses(
        wire.start(),
        ...wire.thinking(0, 'one', 'SIG1'),
        ...wire.call(1, 'toolu_1', '{"a":1}'),
        ...wire.thinking(2, 'two', 'SIG2'),
        ...wire.call(3, 'toolu_2', '{"b":2}'),
        ...wire.stop('tool_use'),
      ),
    )
    expect(
      output.map((item) => (item.type === 'reasoning' ? [item.summary[0].text, proofOf(item)] : [item.call_id])),
    ).toEqual([['one', 'SIG1'], ['toolu_1'], ['two', 'SIG2'], ['toolu_2']])
  })

  it('EC-076 what Anthropic ran itself leaves no gap between the items', async () => {
    const seen = toResponses(
      wire.start(),
      ...wire.text(0, 'Let me see.'),
      ...wire.block(1, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'code_execution', input: {} }),
      ...wire.block(2, {
        type: 'code_execution_tool_result',
        tool_use_id: 'srvtoolu_1',
        content: { type: 'code_execution_result', stdout: '2', stderr: '', return_code: 0, content: [] },
      }),
      ...wire.call(3, 'toolu_1', '{"a":1}'),
      ...wire.stop('tool_use'),
    )
    const output = await outputOf(seen)
    expect(output.map(({ type }) => type)).toEqual(['message', 'function_call'])
    const places = seen.events
      .filter(({ data }) => data.type === 'response.output_item.added')
      .map(({ data }) => data.output_index)
    expect(places).toEqual([0, 1])
    expect(seen.losses.map(({ code }) => code)).toContain('server_tool_dropped')
  })

  it('EC-076 a search that failed is a failed search, and why is said not to be told', async () => {
    const failed = { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' }
    const seen = toResponses(
      wire.start(),
      ...wire.block(0, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } }),
      ...wire.block(1, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: failed }),
      ...wire.text(2, 'Hi'),
      ...wire.stop('end_turn'),
    )
    expect(await outputOf(seen)).toMatchObject([
      { type: 'web_search_call', status: 'failed', action: { query: 'q' } },
      { type: 'message' },
    ])
    expect(seen.losses).toContainEqual(
      expect.objectContaining({ code: 'server_tool_dropped', path: '#web_search_tool_result_error' }),
    )
  })

  it('EC-077 a paused turn is complete, and says so', async () => {
    const seen = toResponses(wire.start(), ...wire.text(0, 'Hi'), ...wire.stop('pause_turn'))
    expect(await judgeResponsesStream(seen.text)).toMatchObject({ status: 'completed' })
    expect(codesOf(seen.losses)).toEqual(['pause_turn'])
  })

  it('EC-079 a refusal without content is incomplete for the filter, streamed and whole', async () => {
    const seen = toResponses(wire.start(), ...wire.stop('refusal'))
    const refused = { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
    expect(await judgeResponsesStream(seen.text)).toMatchObject(refused)
    const body = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: 'refusal',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    }
    expect(convertWhole(FROM_MESSAGES, body).body).toMatchObject(refused)
  })

  it('EC-080 an overload before anything was sent has a status, and one after it ends in response.failed', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    const early = toResponses(wire.start(), error)
    expect([early.text, early.stream.committed]).toEqual(['', false])
    expect(early.stream.error && early.exchange.failure(early.stream.error).status).toBe(503)
    const late = toResponses(wire.start(), ...wire.text(0, 'Hi'), error)
    expect(await judgeResponsesStream(late.text)).toMatchObject({
      status: 'failed',
      error: { code: 'server_is_overloaded' },
      output: [{ content: [{ text: 'Hi' }] }],
    })
  })

  it('EC-081 unknown events, deltas and blocks are ignored', async () => {
    const seen = toResponses(
      wire.start(),
      { type: 'brand_new', payload: [1] },
      ...wire.block(0, { type: 'hologram', size: 1 }, { type: 'hologram_delta', x: 1 }),
      ...wire.block(1, { type: 'text', text: '' }, { type: 'text_delta', text: 'Hi' }, { type: 'new_delta' }),
      ...wire.stop('end_turn'),
    )
    expect(await outputOf(seen)).toMatchObject([{ type: 'message', content: [{ text: 'Hi' }] }])
  })

  it('EC-082 a ping while the model thinks keeps the client awake with an event that Codex counts', async () => {
    const [open = {}, delta = {}, ...rest] = wire.thinking(0, 'a', 'S')
    const seen = toResponses(wire.start(), open, delta, { type: 'ping' }, ...rest, ...wire.stop('end_turn'))
    const names = seen.events.map(({ data }) => data.type)
    expect(names.filter((name) => name === 'response.in_progress')).toHaveLength(2)
    const numbers = seen.events.map(({ data }) => data.sequence_number)
    expect(numbers).toEqual(numbers.map((_, index) => index))
    await expect(outputOf(seen)).resolves.toHaveLength(1)
  })

  it('EC-083 a citation is an annotation of its own text', async () => {
    const citation = {
      type: 'web_search_result_location',
      url: 'https://example.com',
      title: 'T',
      cited_text: 'c',
      encrypted_index: 'E',
    }
    const block = wire.block(
      0,
      { type: 'text', text: '', citations: [] },
      { type: 'citations_delta', citation },
      { type: 'text_delta', text: 'Cited 🌍' },
    )
    const [message] = await outputOf(toResponses(wire.start(), ...block, ...wire.stop('end_turn')))
    expect(message.content[0].annotations).toEqual([
      { type: 'url_citation', url: 'https://example.com', title: 'T', start_index: 0, end_index: 7 },
    ])
  })
})
