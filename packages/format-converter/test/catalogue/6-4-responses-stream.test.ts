import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../src/model/json.ts'
import { judgeChatStream } from '../../src/testing/chat-judge.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { judgeMessagesStream } from '../../src/testing/messages-judge.ts'
import {
  CHAT_TO_RESPONSES,
  convertBody,
  convertSse,
  decodeEvents,
  judgeResponsesStream,
  MESSAGES_TO_RESPONSES,
  readEvents,
  RESPONSES_TO_CHAT,
  RESPONSES_TO_MESSAGES,
  RESPONSES_TO_RESPONSES,
  responsesSse,
  sendRequest,
  type SeenStream,
  type Setup,
} from '../../src/testing/responses-judge.ts'
import { wrapSeal } from '../../src/wire/seal-envelope.ts'
import { everyCut } from './cuts.ts'
import { chatSse, chunk, messagesSse, wire } from './harness.ts'

const CREATED = {
  type: 'response.created',
  response: { id: 'resp_up', object: 'response', created_at: 1, status: 'in_progress', model: 'up-model', output: [] },
}

function completed(response: JsonObject = {}): JsonObject {
  const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 }
  return { type: 'response.completed', response: { ...CREATED.response, status: 'completed', usage, ...response } }
}

function added(index: number, item: JsonObject): JsonObject {
  return { type: 'response.output_item.added', output_index: index, item }
}

function done(index: number, item: JsonObject): JsonObject {
  return { type: 'response.output_item.done', output_index: index, item }
}

/** An event of an item. */
function event(type: string, index: number, members: JsonObject): JsonObject {
  return { type: `response.${type}`, output_index: index, content_index: 0, ...members }
}

function message(text: string, more: JsonObject = {}): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text, annotations: [] }],
    ...more,
  }
}

function call(more: JsonObject = {}): JsonObject {
  return {
    id: 'fc_1',
    type: 'function_call',
    status: 'completed',
    call_id: 'call_1',
    name: 'w',
    arguments: '{"q":"Paris"}',
    ...more,
  }
}

function toMessages(...events: readonly JsonObject[]): SeenStream {
  return convertSse(RESPONSES_TO_MESSAGES, responsesSse(CREATED, ...events))
}

async function contentOf(seen: SeenStream): Promise<Loose[]> {
  return (await judgeMessagesStream(seen.text)).content
}

function sealedReasoning(content: string): JsonObject {
  return { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: content }
}

function summaryPart(index: number, text: string): JsonObject[] {
  const place = { output_index: 0, summary_index: index }
  return [
    { ...place, type: 'response.reasoning_summary_part.added', part: { type: 'summary_text', text: '' } },
    { ...place, type: 'response.reasoning_summary_text.delta', delta: text },
    { ...place, type: 'response.reasoning_summary_text.done', text },
  ]
}

function callNamedSame(index: number): JsonObject {
  return chunk({ tool_calls: [{ index, id: 'same', type: 'function', function: { name: 'w', arguments: '{}' } }] })
}

const restorePatch: Setup['restore'] = (name) => (name === 'apply_patch' ? { name, form: 'free' } : undefined)
const restoreNamespace: Setup['restore'] = (name) =>
  name === 'ns__tool' ? { name: 'tool', namespace: 'ns', form: 'json' } : undefined

describe('6.4 Responses stream → others', () => {
  it('EC-085 item ids that rotate between the events of one item do not matter', async () => {
    const seen = toMessages(
      added(0, message('', { id: 'msg_a', content: [] })),
      event('content_part.added', 0, { item_id: 'msg_b', part: { type: 'output_text', text: '' } }),
      event('output_text.delta', 0, { item_id: 'msg_c', delta: 'Hel' }),
      event('output_text.delta', 0, { item_id: 'msg_d', delta: 'lo' }),
      event('output_text.done', 0, { item_id: 'msg_e', text: 'Hello' }),
      done(0, message('Hello', { id: 'msg_f' })),
      completed({ output: [message('Hello', { id: 'msg_g' })] }),
    )
    expect(await contentOf(seen)).toMatchObject([{ type: 'text', text: 'Hello' }])
  })

  it('EC-086 arguments before the item was added, or without that it ever was, make a whole call', async () => {
    const early = toMessages(
      event('function_call_arguments.delta', 0, { item_id: 'fc_1', delta: '{"q":' }),
      added(0, call({ arguments: '' })),
      event('function_call_arguments.delta', 0, { item_id: 'fc_1', delta: '"Paris"}' }),
      done(0, call()),
      completed(),
    )
    const never = toMessages(
      event('function_call_arguments.delta', 0, { item_id: 'fc_1', delta: '{"q":"Paris"}' }),
      event('function_call_arguments.done', 0, { item_id: 'fc_1', arguments: '{"q":"Paris"}' }),
      done(0, call()),
      completed(),
    )
    const onlyDone = toMessages(done(0, call()), completed())
    for (const seen of [early, never, onlyDone]) {
      expect(await contentOf(seen)).toMatchObject([
        { type: 'tool_use', id: 'call_1', name: 'w', input: { q: 'Paris' } },
      ])
      expect(seen.stream.stop).toBe('tool')
    }
  })

  it.for([
    [
      'output_text.done',
      [
        added(0, message('', { content: [] })),
        event('output_text.done', 0, { text: 'Hello' }),
        done(0, message('Hello')),
        completed(),
      ],
    ],
    ['output_item.done', [done(0, message('Hello')), completed()]],
    ['completed.output', [completed({ output: [message('Hello')] })]],
    [
      'everywhere',
      [
        added(0, message('', { content: [] })),
        event('output_text.delta', 0, { delta: 'Hello' }),
        done(0, message('Hello')),
        completed({ output: [message('Hello')] }),
      ],
    ],
  ] as const)('EC-087 text that stands only in %s is emitted exactly once', async ([, events]) => {
    expect(await contentOf(toMessages(...events))).toMatchObject([{ type: 'text', text: 'Hello' }])
  })

  it('EC-088 a completed response without output is taken from its finished items', async () => {
    const seen = toMessages(done(0, message('Hello')), done(1, call()), completed({ output: undefined }))
    expect(await contentOf(seen)).toMatchObject([{ type: 'text', text: 'Hello' }, { type: 'tool_use' }])
  })

  it('EC-089 of two ciphertexts the one of the finished item counts', () => {
    const { events } = decodeEvents([
      CREATED,
      added(0, sealedReasoning('early')),
      done(0, sealedReasoning('final')),
      completed(),
    ])
    expect(events.filter((seen) => seen.type === 'seal')).toMatchObject([
      { seal: { kind: 'openai-reasoning', value: 'final', itemId: 'rs_1' } },
    ])
  })

  it('EC-090 a summary of several parts is one thinking block with one signature, its parts a blank line apart', async () => {
    const summary = ['One', 'Two'].map((text) => ({ type: 'summary_text', text }))
    const seen = toMessages(
      added(0, { id: 'rs_1', type: 'reasoning', summary: [] }),
      ...summaryPart(0, 'One'),
      ...summaryPart(1, 'Two'),
      done(0, { id: 'rs_1', type: 'reasoning', summary, encrypted_content: 'SECRET' }),
      done(1, message('Hi')),
      completed(),
    )
    const signature = wrapSeal({
      kind: 'openai-reasoning',
      format: 'openai-responses',
      value: 'SECRET',
      itemId: 'rs_1',
    })
    expect(await contentOf(seen)).toMatchObject([
      { type: 'thinking', thinking: 'One\n\nTwo', signature },
      { type: 'text', text: 'Hi' },
    ])
    expect(seen.text.match(/signature_delta/g)).toHaveLength(1)
  })

  it('EC-091 an answer that the filter cut is a refusal, not max_tokens', async () => {
    const incomplete = {
      ...completed({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }),
      type: 'response.incomplete',
    }
    const seen = toMessages(done(0, message('Half')), incomplete)
    expect((await judgeMessagesStream(seen.text)).stop_reason).toBe('refusal')
  })

  it('EC-092 a failed response is an error, not end_turn', () => {
    const failed = {
      type: 'response.failed',
      response: { ...CREATED.response, status: 'failed', error: { code: 'server_error', message: 'broke' } },
    }
    const seen = toMessages(event('output_text.delta', 0, { delta: 'Half' }), failed)
    expect(seen.names.at(-1)).toBe('error')
    expect(seen.text).not.toContain('message_stop')
    expect(seen.stream.error).toMatchObject({ kind: 'internal', message: expect.stringContaining('broke') })
    const early = toMessages(failed)
    expect([early.text, early.stream.committed]).toEqual(['', false])
  })

  it('EC-013 [DONE] is ignored, and never stands for the terminal event', async () => {
    const text = event('output_text.delta', 0, { delta: 'Half' })
    const done = 'data: [DONE]\n\n'
    const whole = [`${responsesSse(CREATED, text)}${done}${responsesSse(completed())}`]
    whole.push(`${responsesSse(CREATED, text, completed())}${done}`)
    for (const pair of [RESPONSES_TO_MESSAGES, RESPONSES_TO_CHAT, RESPONSES_TO_RESPONSES]) {
      for (const sse of whole) {
        expect(convertSse(pair, sse).stream).toMatchObject({ state: 'finished', error: undefined })
      }
      const cut = convertSse(pair, `${responsesSse(CREATED, text)}${done}`)
      expect(cut.stream).toMatchObject({ state: 'failed', error: { kind: 'upstream_truncated' } })
      expect(cut.text).not.toMatch(/message_stop|finish_reason":"stop|response\.completed/)
    }
  })

  it('EC-102 commentary and the final answer are two text blocks in their order, and keep their phase', async () => {
    const events = [
      done(0, message('Looking.', { phase: 'commentary' })),
      done(1, message('Found.', { id: 'msg_2', phase: 'final_answer' })),
      completed(),
    ]
    expect(await contentOf(toMessages(...events))).toMatchObject([{ text: 'Looking.' }, { text: 'Found.' }])
    const chat = await judgeChatStream(convertSse(RESPONSES_TO_CHAT, responsesSse(CREATED, ...events)).text)
    expect(chat.choices[0]?.message.content).toBe('Looking.\n\nFound.')
    const again: Loose = await judgeResponsesStream(
      convertSse(RESPONSES_TO_RESPONSES, responsesSse(CREATED, ...events)).text,
    )
    expect(again.output.map((item: Loose) => [item.phase, item.content[0].text])).toEqual([
      ['commentary', 'Looking.'],
      ['final_answer', 'Found.'],
    ])
  })
})

const CHAT_ANSWER = chatSse(
  chunk({ role: 'assistant', content: 'Hi' }),
  chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'w', arguments: '{"q":1}' } }] }),
  chunk({}, 'tool_calls'),
  { choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } },
)

describe('6.4 others → Responses stream', () => {
  it('EC-093 every text is announced by content_part.added, without which the SDK refuses the stream', async () => {
    const { text } = convertSse(CHAT_TO_RESPONSES, CHAT_ANSWER)
    await expect(judgeResponsesStream(text)).resolves.toMatchObject({ status: 'completed' })
    await expect(judgeResponsesStream(withoutEvent(text, 'response.content_part.added'))).rejects.toThrow(
      'missing content',
    )
  })

  it('EC-094 the id of the response is the same from created to completed', async () => {
    const { events, text } = convertSse(CHAT_TO_RESPONSES, CHAT_ANSWER)
    const ids = new Set(events.flatMap((seen: Loose) => seen.response?.id ?? []))
    expect([...ids]).toEqual(['resp_answer'])
    await expect(judgeResponsesStream(text.replace('"resp_answer"', '"resp_other"'))).rejects.toThrow('identity')
  })

  it('EC-095 usage always has its details, also when the upstream gives none', () => {
    const { events } = convertSse(CHAT_TO_RESPONSES, CHAT_ANSWER)
    expect(events.at(-1).response.usage).toEqual({
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15,
    })
  })

  it('EC-096 trouble in the middle is response.failed, never an error event', async () => {
    const { names, text } = convertSse(
      CHAT_TO_RESPONSES,
      chatSse(chunk({ content: 'Hi' }), { error: { message: 'busy', code: 'server_is_overloaded' } }, 'cut'),
    )
    expect(names.at(-1)).toBe('response.failed')
    expect(names).not.toContain('error')
    expect(await judgeResponsesStream(text)).toMatchObject({
      status: 'failed',
      error: { code: 'server_is_overloaded' },
    })
  })

  it('EC-097 the terminal event waits for the usage that comes after the finish', () => {
    const { names, events } = convertSse(CHAT_TO_RESPONSES, CHAT_ANSWER)
    expect(names.filter((name) => name === 'response.completed')).toHaveLength(1)
    expect(events.at(-1).response.usage.total_tokens).toBe(15)
  })

  it('EC-098 output indexes and call ids are unique, even where the upstream repeats an id', async () => {
    const sse = chatSse(callNamedSame(0), callNamedSame(1), chunk({}, 'tool_calls'))
    const anthropic = messagesSse(
      wire.start(),
      ...wire.call(0, 'same', '{}'),
      ...wire.call(1, 'same', '{}'),
      ...wire.stop('tool_use'),
    )
    for (const seen of [convertSse(CHAT_TO_RESPONSES, sse), convertSse(MESSAGES_TO_RESPONSES, anthropic)]) {
      const final: Loose = await judgeResponsesStream(seen.text)
      const ids = final.output.map((item: Loose) => item.call_id)
      expect(new Set(ids).size).toBe(ids.length)
      const places = seen.events
        .filter((one: Loose) => one.type === 'response.output_item.added')
        .map((one: Loose) => one.output_index)
      expect(places).toEqual(places.map((_: unknown, index: number) => index))
    }
  })

  it('EC-098 clients of the other formats get unique call ids, too, and it is said', async () => {
    const chat = chatSse(callNamedSame(0), callNamedSame(1), chunk({}, 'tool_calls'))
    const toMessages = convertSse({ client: 'anthropic-messages', upstream: 'openai-chat' }, chat)
    const message: Loose = await judgeMessagesStream(toMessages.text)
    expect(message.content.map((block: Loose) => block.id)).toEqual(['same', 'same_2'])
    expect(toMessages.losses).toMatchObject([{ code: 'tool_id_rewritten', level: 'repaired' }])
  })

  it('EC-099 a freeform call is unescaped while it streams, cut anywhere', async () => {
    const patch = '*** Begin\n+é "q" 😀 \\ end\n'
    const json = JSON.stringify({ input: patch })
      .replace('é', String.raw`\u00e9`)
      .replace('😀', String.raw`\ud83d\ude00`)
    const fragments = [...json].map((piece) => chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }))
    const open = chunk({
      tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'apply_patch', arguments: '' } }],
    })
    const seen = convertSse(
      { ...CHAT_TO_RESPONSES, restore: restorePatch },
      chatSse(open, ...fragments, chunk({}, 'tool_calls')),
    )
    const final: Loose = await judgeResponsesStream(seen.text)
    expect(final.output).toMatchObject([
      { type: 'custom_tool_call', call_id: 'call_1', name: 'apply_patch', input: patch },
    ])
    const deltas = seen.events.filter((one: Loose) => one.type === 'response.custom_tool_call_input.delta')
    expect(deltas.map((one: Loose) => one.delta).join('')).toBe(patch)
    expect(deltas.length).toBeGreaterThan(10)
  })

  it('EC-100 a call of ns__tool comes back as the tool in its namespace', async () => {
    const sse = chatSse(
      chunk({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'ns__tool', arguments: '{}' } }] }),
      chunk({}, 'tool_calls'),
    )
    const final = await judgeResponsesStream(convertSse({ ...CHAT_TO_RESPONSES, restore: restoreNamespace }, sse).text)
    expect(final.output).toMatchObject([{ type: 'function_call', name: 'tool', namespace: 'ns' }])
  })

  it('EC-101 two namespaces that flatten to one name get a hash each', () => {
    const tool = { type: 'function', name: 'b', parameters: { type: 'object', properties: {} } }
    const tools = [
      { type: 'namespace', name: 'x', description: 'd', tools: [{ ...tool, name: 'y__b' }] },
      { type: 'namespace', name: 'x__y', description: 'd', tools: [tool] },
    ]
    const { body } = sendRequest(
      { client: 'openai-responses', upstream: 'openai-chat' },
      { model: 'm', input: 'x', tools },
    )
    const names: string[] = body.tools.map((sent: Loose) => sent.function.name)
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(name).toMatch(/^x__y__b_[0-9a-f]{16}$/)
  })

  it('says the same as the whole answer, however the stream is cut', async () => {
    const source = new TextEncoder().encode(CHAT_ANSWER)
    const whole = convertSse(CHAT_TO_RESPONSES, CHAT_ANSWER).text
    for (const pieces of everyCut(source)) expect(convertSse(CHAT_TO_RESPONSES, pieces).text).toBe(whole)
    const body = {
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'up-model',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'Hi',
            tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'w', arguments: '{"q":1}' } }],
          },
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    }
    expect(readEvents(whole).at(-1).response).toEqual(convertBody(CHAT_TO_RESPONSES, body))
  })
})

/** The stream without the events of one type. */
function withoutEvent(sse: string, type: string): string {
  return sse
    .split('\n\n')
    .filter((frame) => !frame.startsWith(`event: ${type}\n`))
    .join('\n\n')
}
