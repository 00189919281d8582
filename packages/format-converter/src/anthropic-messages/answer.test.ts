import { describe, expect, it } from 'vitest'

import type { EncodeAnswerContext } from '../codec.ts'
import { createAnswerFold } from '../convert/fold-answer.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { JsonObject } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import { decodingContext, encodingContext, judgeMessagesStream } from '../testing/messages-judge.ts'
import { toJsonText } from '../wire/raw-json.ts'
import { decodeAnswer } from './decode-answer.ts'
import { encodeAnswer } from './encode-answer.ts'
import { createStreamEncoder } from './encode-stream.ts'

const MESSAGE = {
  id: 'msg_up',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [
    { type: 'thinking', thinking: 'hm', signature: 'SIG' },
    { type: 'redacted_thinking', data: 'D' },
    {
      type: 'text',
      text: 'Hi',
      citations: [
        {
          type: 'web_search_result_location',
          url: 'https://example.com',
          title: 'T',
          cited_text: 'c',
          encrypted_index: 'E',
        },
      ],
    },
    { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
    { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
    { type: 'tool_use', id: 't1', name: 'n', input: { a: 1 }, caller: { type: 'direct' } },
    { type: 'tool_use', id: 't2', name: 'n', input: {}, caller: { type: 'direct' } },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  stop_details: null,
  container: null,
  diagnostics: null,
  usage: {
    cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 5 },
    cache_creation_input_tokens: 8,
    cache_read_input_tokens: 7,
    inference_geo: null,
    input_tokens: 12,
    output_tokens: 30,
    output_tokens_details: { thinking_tokens: 9 },
    server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
    service_tier: 'standard',
    speed: null,
  },
} satisfies JsonObject

function encode(
  events: readonly AnswerEvent[],
  overrides: Partial<EncodeAnswerContext> = {},
  losses: LossReport[] = [],
): JsonObject {
  const fold = createAnswerFold()
  for (const event of events) fold.push(event)
  return encodeAnswer(fold.result(), encodingContext(losses, overrides))
}

async function stream(events: readonly AnswerEvent[]): Promise<unknown> {
  const encoder = createStreamEncoder(encodingContext())
  return judgeMessagesStream(events.map((event) => encoder.write(event)).join(''))
}

describe('a whole Messages answer', () => {
  it('comes back as it was, under the client’s model name and the exchange’s id', () => {
    expect(encode(decodeAnswer(MESSAGE, decodingContext()))).toEqual({
      ...MESSAGE,
      id: 'msg_answer',
      model: 'requested-model',
    })
  })

  it('equals what the SDK makes of the same answer as a stream', async () => {
    const events = decodeAnswer(MESSAGE, decodingContext())
    const { cache_creation: _, ...usage } = MESSAGE.usage
    const streamed = await stream(events)
    expect(streamed).toMatchObject({ ...MESSAGE, id: 'msg_answer', model: 'requested-model', usage })
  })

  it('has every key that the client’s type requires, even without content and usage', () => {
    expect(encode([{ type: 'start' }, { type: 'finish', reason: 'unknown' }, { type: 'end' }])).toEqual({
      id: 'msg_answer',
      type: 'message',
      role: 'assistant',
      model: 'requested-model',
      content: [],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: {
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        inference_geo: null,
        input_tokens: 0,
        output_tokens: 0,
        output_tokens_details: null,
        server_tool_use: null,
        service_tier: 'standard',
        speed: null,
      },
    })
  })

  it('shows the upstream’s model name when the option says so', () => {
    expect(
      encode(decodeAnswer(MESSAGE, decodingContext()), { options: { ...DEFAULT_OPTIONS, modelEcho: 'upstream' } })[
        'model'
      ],
    ).toBe('claude')
  })

  it('keeps the digits of big numbers in the input of a call', () => {
    const call: AnswerEvent = { type: 'open', block: 0, part: { type: 'tool-call', id: 't', name: 'n', form: 'json' } }
    const text = '{"n":12345678901234567890,"f":1e400}'
    const body = encode([
      { type: 'start' },
      call,
      { type: 'delta', block: 0, text },
      { type: 'finish', reason: 'tool' },
      { type: 'end' },
    ])
    expect(toJsonText(body)).toContain(`"input":${text}`)
  })

  it('repairs and reports arguments that are no object, but not those of an answer that was cut short', () => {
    const losses: LossReport[] = []
    const broken: AnswerEvent[] = [
      { type: 'open', block: 0, part: { type: 'tool-call', id: 't', name: 'n', form: 'json' } },
      { type: 'delta', block: 0, text: '{"a":' },
    ]
    expect(encode([...broken, { type: 'finish', reason: 'length' }], {}, losses)['content']).toMatchObject([
      { input: { raw_arguments: '{"a":' } },
    ])
    expect(losses).toEqual([])
    encode([...broken, { type: 'finish', reason: 'tool' }], {}, losses)
    expect(losses.map((loss) => loss.code)).toEqual(['invalid_tool_arguments'])
  })

  it('refuses an error that came with status 200, and what is no message', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'busy' } }
    expect(() => decodeAnswer(error, decodingContext())).toThrow('busy')
    expect(() => decodeAnswer({ choices: [] }, decodingContext())).toThrow('has no content list')
  })
})
