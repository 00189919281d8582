import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../src/index.ts'
import {
  chatDeltas,
  CHAT_TO_MESSAGES,
  chatSse,
  chunk,
  codesOf,
  convertStream,
  convertWhole,
  judgeChatStream,
  judgeMessagesStream,
  MESSAGES_TO_CHAT,
  messagesSse,
  startExchange,
  wire,
  type SeenStream,
} from './harness.ts'

/** Upstream Messages, client Chat. */
function toChat(...events: readonly JsonObject[]): SeenStream {
  return convertStream(MESSAGES_TO_CHAT, messagesSse(...events))
}

describe('6.3 Anthropic stream → Chat', () => {
  it('EC-067 message_start with content and a tool_use with input in its start are emitted', async () => {
    const { text } = toChat(
      wire.start({ content: [{ type: 'text', text: 'already' }] }),
      ...wire.block(0, { type: 'tool_use', id: 'toolu_1', name: 'w', input: { q: 'Paris' } }),
      ...wire.stop('tool_use'),
    )
    const { choices } = await judgeChatStream(text)
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'already',
        tool_calls: [{ id: 'toolu_1', function: { name: 'w', arguments: '{"q":"Paris"}' } }],
      },
    })
  })

  it('EC-067 an input that the start holds and the deltas repeat is there once', async () => {
    const start = { type: 'tool_use', id: 'toolu_1', name: 'w', input: { q: 'Paris' } }
    const delta = { type: 'input_json_delta', partial_json: '{"q":"Paris"}' }
    const { text } = toChat(wire.start(), ...wire.block(0, start, delta), ...wire.stop('tool_use'))
    expect((await judgeChatStream(text)).choices[0]?.message.tool_calls).toMatchObject([
      { function: { arguments: '{"q":"Paris"}' } },
    ])
  })

  it('a piece of a call that never began is left out, and said to be lost', () => {
    const stray = { type: 'content_block_delta', index: 4, delta: { type: 'input_json_delta', partial_json: '{}' } }
    const { losses, stream } = toChat(wire.start(), stray, ...wire.text(0, 'Hi'), ...wire.stop('end_turn'))
    expect(stream.state).toBe('finished')
    expect(losses).toContainEqual(
      expect.objectContaining({ code: 'malformed_event', level: 'lossy', path: '#input_json_delta' }),
    )
  })

  it('EC-068 a second message_start with the same id is ignored, one with another id is an error', async () => {
    const same = toChat(wire.start(), wire.start(), ...wire.text(0, 'Hi'), ...wire.stop('end_turn'))
    expect((await judgeChatStream(same.text)).choices[0]?.message.content).toBe('Hi')
    const other = toChat(wire.start(), ...wire.text(0, 'Hi'), wire.start({ id: 'msg_2' }), ...wire.stop('end_turn'))
    expect(other.events.at(-1)?.data).toMatchObject({ error: { code: 'upstream_protocol' } })
    expect(other.text).not.toContain('[DONE]')
  })

  it('EC-069 message_delta carries the real input_tokens while the start had 0', () => {
    const { events, stream } = toChat(
      wire.start({ usage: { input_tokens: 0, output_tokens: 0 } }),
      ...wire.text(0, 'Hi'),
      ...wire.stop('end_turn', {}, { input_tokens: 42, cache_read_input_tokens: 8, output_tokens: 5 }),
    )
    expect(events.find(({ data }) => data.usage != null)?.data.usage).toMatchObject({
      prompt_tokens: 50,
      completion_tokens: 5,
      total_tokens: 55,
      prompt_tokens_details: { cached_tokens: 8 },
    })
    expect(stream.usage).toMatchObject({ inputUncached: 42, cacheRead: 8, output: 5 })
  })

  it('EC-070 usage after message_stop is ignored', () => {
    const { text, stream } = toChat(wire.start(), ...wire.text(0, 'Hi'), ...wire.stop('end_turn'), {
      type: 'message_delta',
      delta: {},
      usage: { output_tokens: 999 },
    })
    expect(stream.usage?.output).toBe(5)
    expect(text.trimEnd().endsWith('[DONE]')).toBe(true)
  })

  it('EC-071 a tool block without input_json_delta has the arguments {}', async () => {
    const { text } = toChat(
      wire.start(),
      ...wire.block(0, { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} }),
      ...wire.stop('tool_use'),
    )
    expect((await judgeChatStream(text)).choices[0]?.message.tool_calls).toMatchObject([
      { function: { name: 'now', arguments: '{}' } },
    ])
  })

  it('EC-072 thinking with omitted display gives no reasoning text, but keeps its proof', () => {
    const { events } = toChat(
      wire.start(),
      ...wire.block(
        0,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'signature_delta', signature: 'SIG' },
      ),
      ...wire.stop('end_turn'),
    )
    const deltas = chatDeltas(events)
    expect(deltas.some((delta) => 'reasoning_content' in delta)).toBe(false)
    expect(deltas.flatMap((delta) => delta.reasoning_details ?? [])).toMatchObject([
      { type: 'reasoning.encrypted', data: expect.stringMatching(/^rly1\./) },
    ])
  })

  it('EC-073 each signature belongs to its own block when there are several', () => {
    const { events } = toChat(
      wire.start(),
      ...wire.thinking(0, 'one', 'SIG1'),
      ...wire.thinking(1, 'two', 'SIG2'),
      ...wire.text(2, 'Hi'),
      ...wire.stop('end_turn'),
    )
    expect(sealsOf(events)).toEqual(['SIG1', 'SIG2'])
  })

  it('EC-074 thinking blocks between calls keep their order when they are replayed', () => {
    const { events } = toChat(
      wire.start(),
      ...wire.thinking(0, 'one', 'SIG1'),
      ...wire.call(1, 'toolu_1', '{"a":1}'),
      ...wire.thinking(2, 'two', 'SIG2'),
      ...wire.call(3, 'toolu_2', '{"b":2}'),
      ...wire.stop('tool_use'),
    )
    const reasoning_details = chatDeltas(events).flatMap((delta) => delta.reasoning_details ?? [])
    const replay = startExchange({
      ...MESSAGES_TO_CHAT,
      request: {
        model: 'claude-opus-5',
        tools: [{ type: 'function', function: { name: 'w', parameters: { type: 'object', properties: {} } } }],
        messages: [
          { role: 'user', content: 'x' },
          {
            role: 'assistant',
            content: null,
            reasoning_details,
            tool_calls: [callInHistory('toolu_1'), callInHistory('toolu_2')],
          },
          { role: 'tool', tool_call_id: 'toolu_1', content: '1' },
          { role: 'tool', tool_call_id: 'toolu_2', content: '2' },
        ],
      },
    }).request
    const blocks = blocksOf(replay)
    expect(blocks.map(({ type, signature, id }) => `${type} ${signature ?? id}`)).toEqual([
      'thinking SIG1',
      'tool_use toolu_1',
      'thinking SIG2',
      'tool_use toolu_2',
    ])
    expect(blocks[0]).toMatchObject({ type: 'thinking' })
  })

  it('EC-075 redacted_thinking is carried and never shown', () => {
    const { events, text } = toChat(
      wire.start(),
      ...wire.block(0, { type: 'redacted_thinking', data: 'SECRET' }),
      ...wire.text(1, 'Hi'),
      ...wire.stop('end_turn'),
    )
    expect(text).not.toContain('reasoning_content')
    expect(sealsOf(events)).toEqual(['SECRET'])
  })

  it('EC-076 server tools are hidden and call indexes stay contiguous', async () => {
    const { text, losses } = toChat(
      wire.start(),
      ...wire.block(
        0,
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
        { type: 'input_json_delta', partial_json: '{"query":"q"}' },
      ),
      ...wire.block(1, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }),
      ...wire.call(2, 'toolu_1', '{"a":1}'),
      ...wire.call(3, 'toolu_2', '{"b":2}'),
      ...wire.stop('tool_use'),
    )
    expect((await judgeChatStream(text)).choices[0]?.message.tool_calls).toMatchObject([
      { id: 'toolu_1' },
      { id: 'toolu_2' },
    ])
    expect(losses.map(({ code }) => code)).toContain('server_tool_dropped')
  })

  it('EC-077 pause_turn is a stop, and says so', async () => {
    const { text, losses } = toChat(wire.start(), ...wire.text(0, 'Hi'), ...wire.stop('pause_turn'))
    expect((await judgeChatStream(text)).choices[0]?.finish_reason).toBe('stop')
    expect(codesOf(losses)).toEqual(['pause_turn'])
  })

  it('EC-078 a stop sequence is a stop for Chat, and its value reaches a Messages client', async () => {
    const toClient = toChat(
      wire.start(),
      ...wire.text(0, 'Hi'),
      ...wire.stop('stop_sequence', { stop_sequence: '###' }),
    )
    expect((await judgeChatStream(toClient.text)).choices[0]?.finish_reason).toBe('stop')
    const vllm = { choices: [{ index: 0, delta: {}, finish_reason: 'stop', stop_reason: '###' }] }
    const back = convertStream(
      { ...CHAT_TO_MESSAGES, request: { stop_sequences: ['###'] } },
      chatSse(chunk({ role: 'assistant', content: 'Hi' }), vllm),
    )
    expect(await judgeMessagesStream(back.text)).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: '###' })
  })

  it('EC-079 a refusal without content is a refusal text and content_filter', async () => {
    const details = { type: 'refusal', category: 'cyber', explanation: 'Blocked.' }
    const explained = toChat(wire.start(), ...wire.stop('refusal', { stop_details: details }))
    const { choices } = await judgeChatStream(explained.text)
    expect(choices[0]).toMatchObject({ finish_reason: 'content_filter', message: { refusal: 'Blocked.' } })
    const bare = toChat(wire.start(), ...wire.stop('refusal'))
    expect((await judgeChatStream(bare.text)).choices[0]?.message.refusal).toBe('The model declined to respond.')
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: details,
      usage: { input_tokens: 1, output_tokens: 1 },
    }
    expect(convertWhole(MESSAGES_TO_CHAT, message).body).toMatchObject({
      choices: [{ finish_reason: 'content_filter', message: { content: null, refusal: 'Blocked.' } }],
    })
  })

  it('EC-080 an error after 200 with nothing sent can still become a real status', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    const { text, stream, exchange } = toChat(wire.start(), error)
    expect(text).toBe('')
    expect(stream).toMatchObject({ committed: false, state: 'failed', error: { kind: 'overloaded' } })
    expect(stream.error && exchange.failure(stream.error)).toMatchObject({
      status: 503,
      retryable: true,
      body: { error: { code: 'server_is_overloaded' } },
    })
    const late = toChat(wire.start(), ...wire.text(0, 'Hi'), error)
    expect(late.events.at(-1)?.data).toMatchObject({
      error: { message: expect.any(String), type: 'server_error', param: null, code: 'server_is_overloaded' },
    })
    expect(late.text).not.toContain('[DONE]')
  })

  it('EC-081 unknown events, deltas and blocks are ignored without a crash', async () => {
    const { text } = toChat(
      wire.start(),
      { type: 'brand_new', payload: [1] },
      ...wire.block(0, { type: 'hologram', size: 1 }, { type: 'hologram_delta', x: 1 }),
      ...wire.block(1, { type: 'text', text: '' }, { type: 'text_delta', text: 'Hi' }, { type: 'new_delta' }),
      ...wire.stop('end_turn'),
    )
    expect((await judgeChatStream(text)).choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'Hi' },
    })
  })

  it('EC-082 a ping while the model thinks is a keep-alive comment', () => {
    const { text } = toChat(
      wire.start(),
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'a' } },
      { type: 'ping' },
      { type: 'content_block_stop', index: 0 },
      ...wire.stop('end_turn'),
    )
    expect(text).toContain('\n\n: keep-alive\n\n')
  })

  it('EC-083 citations become annotations with the code points of their text block', async () => {
    const citation = {
      type: 'web_search_result_location',
      url: 'https://example.com',
      title: 'T',
      cited_text: 'c',
      encrypted_index: 'E',
    }
    const { text, events } = toChat(
      wire.start(),
      ...wire.text(0, 'Before 😀. '),
      ...wire.block(
        1,
        { type: 'text', text: '', citations: [] },
        { type: 'citations_delta', citation },
        { type: 'text_delta', text: 'Cited 🌍' },
      ),
      ...wire.text(2, ' after'),
      ...wire.stop('end_turn'),
    )
    expect((await judgeChatStream(text)).choices[0]?.message.content).toBe('Before 😀. Cited 🌍 after')
    const annotations = chatDeltas(events).flatMap((delta) => delta.annotations ?? [])
    expect(annotations).toEqual([
      {
        type: 'url_citation',
        url_citation: { url: 'https://example.com', title: 'T', start_index: 10, end_index: 17 },
      },
    ])
  })

  it('EC-084 a compaction block with null content is no crash', async () => {
    const { text } = toChat(
      wire.start(),
      ...wire.block(
        0,
        { type: 'compaction', content: null, encrypted_content: null },
        { type: 'compaction_delta', content: null, encrypted_content: null },
      ),
      ...wire.text(1, 'Hi'),
      ...wire.stop('end_turn'),
    )
    expect((await judgeChatStream(text)).choices[0]?.message.content).toBe('Hi')
  })
})

/** A call as a Chat client repeats it. */
function callInHistory(id: string): JsonObject {
  return { id, type: 'function', function: { name: 'w', arguments: '{}' } }
}

/** The blocks of the assistant's message that goes upstream. */
function blocksOf(request: JsonObject): readonly { type: string; signature?: string; id?: string }[] {
  const messages = request['messages'] as unknown as readonly { content: ReturnType<typeof blocksOf> }[]
  return messages[1]?.content ?? []
}

/** The vendor's own values inside the envelopes of `reasoning_details`. */
function sealsOf(events: SeenStream['events']): unknown[] {
  const details: { data: string }[] = chatDeltas(events).flatMap((delta) => delta.reasoning_details ?? [])
  return details.map(({ data }) => JSON.parse(Buffer.from(data.slice('rly1.'.length), 'base64url').toString('utf8')).v)
}
