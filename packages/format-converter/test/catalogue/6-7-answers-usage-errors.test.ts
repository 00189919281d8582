import { describe, expect, it } from 'vitest'

import { convertError, convertUsage, createConverter, profiles, toJsonText, type JsonObject } from '../../src/index.ts'
import {
  CHAT_TO_MESSAGES,
  chatSse,
  chunk,
  convertStream,
  convertWhole,
  judgeChatStream,
  judgeMessagesStream,
  MESSAGES_TO_CHAT,
  messagesSse,
  startExchange,
  wire,
} from './harness.ts'

/** A Chat answer with one message. */
function chatAnswer(message: JsonObject, finishReason = 'stop', rest: JsonObject = {}): JsonObject {
  return {
    id: 'chatcmpl-up',
    object: 'chat.completion',
    created: 1,
    model: 'up-model',
    choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finishReason }],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    ...rest,
  }
}

function toolCall(argumentsText: string, id = 'call_1'): JsonObject {
  return { id, type: 'function', function: { name: 'w', arguments: argumentsText } }
}

/** A Messages answer. */
function message(content: readonly JsonObject[], rest: JsonObject = {}): JsonObject {
  return {
    id: 'msg_up',
    type: 'message',
    role: 'assistant',
    model: 'up-model',
    content,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 5 },
    ...rest,
  }
}

/** The `tool_use.input` that a Messages upstream gets for a call in the history of a Chat client. */
function inputInHistory(argumentsText: string): {
  readonly input: unknown
  readonly body: JsonObject
  readonly codes: readonly string[]
} {
  const { request, losses } = startExchange({
    ...MESSAGES_TO_CHAT,
    request: {
      tools: [{ type: 'function', function: { name: 'w', parameters: { type: 'object', properties: {} } } }],
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: null, tool_calls: [toolCall(argumentsText)] },
        { role: 'tool', tool_call_id: 'call_1', content: 'ok' },
      ],
    },
  })
  const messages = request['messages'] as unknown as {
    readonly content: readonly { readonly type: string; readonly input?: unknown }[]
  }[]
  const call = messages.flatMap(({ content }) => content).find(({ type }) => type === 'tool_use')
  return {
    input: call?.input,
    body: request,
    codes: losses.filter(({ level }) => level !== 'info').map(({ code }) => code),
  }
}

/** The usage of a whole Chat answer as a Messages client sees it. */
function usageForMessages(usage: JsonObject): JsonObject {
  return { ...convertUsage({ from: 'openai-chat', to: 'anthropic-messages', usage }) }
}

function usageForChat(usage: JsonObject): JsonObject {
  return { ...convertUsage({ from: 'anthropic-messages', to: 'openai-chat', usage }) }
}

describe('6.7 Non-stream answers and arguments', () => {
  it('EC-174 empty arguments are an empty object', () => {
    expect(inputInHistory('')).toMatchObject({ input: {}, codes: [] })
    const { body } = convertWhole(CHAT_TO_MESSAGES, chatAnswer({ tool_calls: [toolCall('')] }, 'tool_calls'))
    expect(body).toMatchObject({ content: [{ type: 'tool_use', input: {} }] })
  })

  it('EC-175 invalid JSON in the arguments of history is kept as raw_arguments', () => {
    expect(inputInHistory('{"q":')).toEqual(
      expect.objectContaining({ input: { raw_arguments: '{"q":' }, codes: ['invalid_tool_arguments'] }),
    )
  })

  it('EC-176 arguments that were encoded twice become the object', () => {
    expect(inputInHistory(JSON.stringify('{"q":"Paris"}'))).toMatchObject({
      input: { q: 'Paris' },
      codes: ['invalid_tool_arguments'],
    })
  })

  it('EC-177 the digits of big integers survive in streams and in the raw splice', () => {
    const text = '{"id":12345678901234567890}'
    const streamed = convertStream(
      CHAT_TO_MESSAGES,
      chatSse(chunk({ role: 'assistant', tool_calls: [{ index: 0, ...toolCall(text) }] }), chunk({}, 'tool_calls')),
    )
    expect(streamed.text).toContain(JSON.stringify(text))
    expect(
      toJsonText(convertWhole(CHAT_TO_MESSAGES, chatAnswer({ tool_calls: [toolCall(text)] }, 'tool_calls')).body),
    ).toContain(`"input":${text}`)
    expect(toJsonText(inputInHistory(text).body)).toContain(`"input":${text}`)
    const back = convertStream(
      MESSAGES_TO_CHAT,
      messagesSse(wire.start(), ...wire.call(0, 'toolu_1', text), ...wire.stop('tool_use')),
    )
    expect(back.text).toContain(JSON.stringify(text))
  })

  it('EC-178 a whole answer that says stop but calls tools ends like the stream', async () => {
    const whole = convertWhole(
      CHAT_TO_MESSAGES,
      chatAnswer({ content: 'Hi', tool_calls: [toolCall('{"q":1}')] }, 'stop'),
    ).body
    const streamed = convertStream(
      CHAT_TO_MESSAGES,
      chatSse(
        chunk({ role: 'assistant', content: 'Hi' }),
        chunk({ tool_calls: [{ index: 0, ...toolCall('{"q":1}') }] }),
        chunk({}, 'stop'),
      ),
    )
    const folded = await judgeMessagesStream(streamed.text)
    expect(whole).toMatchObject({ stop_reason: 'tool_use' })
    expect(folded).toMatchObject({ stop_reason: whole['stop_reason'], content: whole['content'] })
  })
})

describe('6.7 Usage', () => {
  it('EC-179 cached tokens are taken out of the input for Messages and put back for Chat', () => {
    const usage = {
      prompt_tokens: 120,
      completion_tokens: 40,
      total_tokens: 160,
      prompt_tokens_details: { cached_tokens: 100 },
    }
    expect(usageForMessages(usage)).toMatchObject({
      input_tokens: 20,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 0,
      output_tokens: 40,
    })
    const worked = {
      input_tokens: 12,
      cache_read_input_tokens: 9000,
      cache_creation_input_tokens: 800,
      cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 500 },
      output_tokens: 240,
      output_tokens_details: { thinking_tokens: 100 },
    }
    const chat = usageForChat(worked)
    expect(chat).toMatchObject({
      prompt_tokens: 9812,
      completion_tokens: 240,
      total_tokens: 10052,
      prompt_tokens_details: { cached_tokens: 9000, cache_write_tokens: 800 },
      completion_tokens_details: { reasoning_tokens: 100 },
    })
    expect(usageForMessages(chat)).toMatchObject({
      input_tokens: 12,
      cache_read_input_tokens: 9000,
      cache_creation_input_tokens: 800,
      cache_creation: { ephemeral_5m_input_tokens: 800, ephemeral_1h_input_tokens: 0 },
      output_tokens: 240,
    })
  })

  it('EC-180 more cached than prompt tokens means that the prompt excludes them', () => {
    expect(
      usageForMessages({ prompt_tokens: 20, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 100 } }),
    ).toMatchObject({ input_tokens: 20, cache_read_input_tokens: 100 })
  })

  it('EC-181 reasoning that the completion tokens exclude is added by the total', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 22,
      completion_tokens_details: { reasoning_tokens: 7 },
    }
    expect(usageForMessages(usage)).toMatchObject({ output_tokens: 12, output_tokens_details: { thinking_tokens: 7 } })
  })

  it('EC-182 DeepSeek’s prompt_cache_hit_tokens are cache reads', () => {
    expect(
      usageForMessages({
        prompt_tokens: 100,
        completion_tokens: 5,
        total_tokens: 105,
        prompt_cache_hit_tokens: 64,
        prompt_cache_miss_tokens: 36,
      }),
    ).toMatchObject({ input_tokens: 36, cache_read_input_tokens: 64 })
  })

  it.for([
    {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 8, cache_write_tokens: 8 },
    },
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, completion_tokens_details: { reasoning_tokens: 50 } },
    { prompt_tokens: 10, total_tokens: 4 },
    { prompt_tokens: -10, completion_tokens: 5, total_tokens: 15 },
  ])('EC-183 no count is ever negative: %j', (usage) => {
    const numbers = JSON.stringify(usageForMessages(usage)).match(/-\d/)
    expect(numbers).toBeNull()
  })

  it('EC-184 total_tokens is always the sum of prompt and completion', () => {
    const { prompt_tokens, completion_tokens, total_tokens } = usageForChat({
      input_tokens: 3,
      cache_read_input_tokens: 4,
      cache_creation_input_tokens: 5,
      output_tokens: 6,
    })
    expect([prompt_tokens, completion_tokens, total_tokens]).toEqual([12, 6, 18])
  })

  it('EC-185 compaction iterations are counted for billing', () => {
    const iteration = {
      input_tokens: 100,
      output_tokens: 10,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    }
    const usage = {
      input_tokens: 100,
      output_tokens: 10,
      iterations: [
        { ...iteration, type: 'compaction' },
        { ...iteration, type: 'message' },
      ],
    }
    expect(convertWhole(MESSAGES_TO_CHAT, message([{ type: 'text', text: 'Hi' }], { usage })).usage).toMatchObject({
      inputUncached: 200,
      output: 20,
    })
  })
})

describe('6.7 Errors', () => {
  it('EC-186 a finish_reason is never a type of error', async () => {
    for (const reason of ['end_turn', 'max_tokens', 'refusal', 'pause_turn', 'of_a_later_version']) {
      const { text } = convertStream(
        MESSAGES_TO_CHAT,
        messagesSse(wire.start(), ...wire.text(0, 'Hi'), ...wire.stop(reason)),
      )
      expect(['stop', 'length', 'content_filter']).toContain((await judgeChatStream(text)).choices[0]?.finish_reason)
    }
    const failed = convertStream(
      CHAT_TO_MESSAGES,
      chatSse(chunk({ role: 'assistant', content: 'Hi' }), chunk({}, 'error')),
    )
    expect(failed.events.at(-1)?.data).toMatchObject({ type: 'error' })
  })

  it.for([
    ['text', 'plain words'],
    ['a string under error', { error: 'plain words' }],
    ['an array', [{ error: { code: 400, message: 'plain words', status: 'INVALID_ARGUMENT' } }]],
    ['a nested JSON text', { error: { message: JSON.stringify({ error: { message: 'plain words' } }) } }],
    ['a bare message', { message: 'plain words' }],
    ['a FastAPI detail', { detail: [{ loc: ['body'], msg: 'plain words' }] }],
  ] as const)('EC-187 an error body that is %s is understood', ([, body]) => {
    const { status, body: converted } = convertError({
      from: 'openai-chat',
      to: 'anthropic-messages',
      status: 400,
      body,
    })
    expect(status).toBe(400)
    expect(converted).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('plain words') },
    })
  })

  it('EC-187 an error page in HTML is named, not shown', () => {
    const { body } = convertError({
      from: 'openai-chat',
      to: 'anthropic-messages',
      status: 502,
      body: '<html><body>secret page</body></html>',
    })
    expect(JSON.stringify(body)).not.toContain('secret page')
  })

  it('EC-188 a 400 that speaks of the credit balance is the account’s quota', () => {
    const body = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'Your credit balance is too low to access the API.' },
    }
    expect(convertError({ from: 'anthropic-messages', to: 'openai-chat', status: 400, body })).toMatchObject({
      kind: 'upstream_quota',
      status: 503,
      retryable: true,
    })
  })

  it('EC-189 529 is 503 for an OpenAI client', () => {
    const body = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    expect(convertError({ from: 'anthropic-messages', to: 'openai-chat', status: 529, body })).toMatchObject({
      status: 503,
      body: { error: { code: 'server_is_overloaded' } },
    })
    expect(convertError({ from: 'openai-chat', to: 'anthropic-messages', status: 503, body: {} }).status).toBe(529)
  })

  it('EC-190 insufficient_quota with 429 is no rate limit', () => {
    const body = {
      error: {
        message: 'You exceeded your current quota',
        type: 'insufficient_quota',
        param: null,
        code: 'insufficient_quota',
      },
    }
    expect(convertError({ from: 'openai-chat', to: 'anthropic-messages', status: 429, body })).toMatchObject({
      kind: 'upstream_quota',
      status: 529,
    })
  })

  it.each(['true', 'false'])('what an upstream says of another try is carried: x-should-retry %s', (said) => {
    const convert = (status: number): Readonly<Record<string, string>> =>
      convertError({
        from: 'anthropic-messages',
        to: 'openai-chat',
        status,
        body: { type: 'error', error: { type: 'api_error', message: 'x' } },
        headers: { 'X-Should-Retry': said },
      }).headers
    expect(convert(500)['x-should-retry']).toBe(said)
    expect(convert(401)).not.toHaveProperty('x-should-retry') // an account's trouble is not the client's
  })

  it('EC-191 retry-after is carried both ways and capped at a minute', () => {
    const limited = { error: { message: 'slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded' } }
    const short = convertError({
      from: 'openai-chat',
      to: 'anthropic-messages',
      status: 429,
      body: limited,
      headers: { 'retry-after': '7' },
    })
    expect(short).toMatchObject({ kind: 'rate_limit', headers: { 'retry-after': '7', 'retry-after-ms': '7000' } })
    const long = convertError({
      from: 'anthropic-messages',
      to: 'openai-chat',
      status: 429,
      body: { type: 'error', error: { type: 'rate_limit_error', message: 'x' } },
      headers: { 'retry-after': '3600' },
    })
    expect(long.headers['retry-after']).toBe('60')
  })

  it.for(['openai-chat', 'anthropic-messages'] as const)(
    'EC-192 a refused proof of reasoning asks for one retry without proofs: %s',
    (from) => {
      const body =
        from === 'openai-chat'
          ? { error: { message: 'x', code: 'invalid_encrypted_content' } }
          : {
              type: 'error',
              error: {
                type: 'invalid_request_error',
                message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
              },
            }
      expect(convertError({ from, to: 'anthropic-messages', status: 400, body })).toMatchObject({
        kind: 'invalid_request',
        repair: 'strip-reasoning',
      })
    },
  )

  it('EC-193 an upstream’s 401 or 403 is never the client’s', () => {
    for (const status of [401, 403]) {
      const body = {
        error: {
          message: 'Incorrect API key provided: sk-secret',
          type: 'invalid_request_error',
          code: 'invalid_api_key',
        },
      }
      const converted = convertError({ from: 'openai-chat', to: 'anthropic-messages', status, body })
      expect(converted).toMatchObject({
        kind: 'upstream_auth',
        status: 502,
        retryable: true,
        body: { error: { type: 'api_error' } },
      })
      expect(JSON.stringify(converted.body)).not.toContain('sk-secret')
    }
  })

  it('EC-194 token counts for a Chat upstream are estimated, without max_tokens', () => {
    const converter = createConverter(CHAT_TO_MESSAGES)
    const short = converter.count({ model: 'm', messages: [{ role: 'user', content: 'Hello there' }] }).inputTokens
    const long = converter.count({
      model: 'm',
      system: 'S'.repeat(4000),
      messages: [{ role: 'user', content: 'Hello there' }],
    }).inputTokens
    expect(short).toBeGreaterThan(0)
    expect(long - short).toBeGreaterThanOrEqual(1000)
  })

  it('EC-195 the client sees the model it asked for, or the upstream’s by option', () => {
    const answer = chatAnswer({ content: 'Hi' })
    const sse = chatSse(chunk({ role: 'assistant', content: 'Hi' }), chunk({}, 'stop'))
    expect(convertWhole(CHAT_TO_MESSAGES, answer).body['model']).toBe('asked-model')
    expect(convertStream(CHAT_TO_MESSAGES, sse).events[0]?.data.message.model).toBe('asked-model')
    const options = { modelEcho: 'upstream' } as const
    expect(convertWhole({ ...CHAT_TO_MESSAGES, options }, answer).body['model']).toBe('up-model')
    expect(convertStream({ ...CHAT_TO_MESSAGES, options }, sse).events[0]?.data.message.model).toBe('up-model')
    const exchange = createConverter({
      ...CHAT_TO_MESSAGES,
      profile: profiles.resolve('openai-chat', 'mapped'),
    }).exchange(
      { model: 'asked-model', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] },
      { model: 'mapped' },
    )
    expect(exchange.request['model']).toBe('mapped')
    expect(exchange.response(answer).body['model']).toBe('asked-model')
  })
})
