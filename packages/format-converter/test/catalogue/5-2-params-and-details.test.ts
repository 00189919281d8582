import { describe, expect, it } from 'vitest'

import { convertFailure, createConverter, type Exchange, type FormatName, type JsonObject } from '../../src/index.ts'

const REQUESTS: { readonly [Format in FormatName]?: JsonObject } = {
  'anthropic-messages': { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'x' }] },
  'openai-chat': { model: 'm', messages: [{ role: 'user', content: 'x' }] },
  'openai-responses': { model: 'm', input: 'x' },
}
const OPENAI = ['openai-chat', 'openai-responses'] as const
const OPENAI_PAIRS = OPENAI.flatMap((client) => OPENAI.map((upstream) => [client, upstream] as const))

const BAD_PARAMETER = {
  error: { message: 'Unknown value: top_p.', type: 'invalid_request_error', param: 'top_p', code: 'invalid_value' },
}
const DETAILS = { error_code: 'thread_unsupported_request', unsupported: ['thread'] }
const BAD_THREAD = {
  type: 'error',
  error: { type: 'invalid_request_error', message: 'no threads here', details: DETAILS },
}

function open(client: FormatName, upstream: FormatName, stream = false): Exchange {
  return createConverter({ client, upstream }).exchange({ ...REQUESTS[client], stream })
}

function bodyOf({ body }: { readonly body: unknown }): JsonObject {
  return JSON.parse(JSON.stringify(body))
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('5.2 what an upstream names as the culprit', () => {
  it.for(OPENAI_PAIRS)('reaches a client of %s from %s', ([client, upstream]) => {
    const error = open(client, upstream).error(400, BAD_PARAMETER)
    expect(bodyOf(error)).toMatchObject({ error: { message: 'Unknown value: top_p.', param: 'top_p' } })
    expect(error.failure.param).toBe('top_p')
  })

  it('stays with an error object that came with status 200', () => {
    const exchange = open('openai-chat', 'openai-responses')
    expect(() => exchange.response(BAD_PARAMETER)).toThrow(expect.objectContaining({ param: 'top_p' }))
    expect(() => exchange.explode(BAD_PARAMETER)).toThrow(expect.objectContaining({ param: 'top_p' }))
  })

  it('is kept by a Chat stream that breaks', () => {
    const chunk = { id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' } }] }
    const stream = open('openai-chat', 'openai-chat', true).byteStream()
    const sse = [chunk, BAD_PARAMETER].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
    stream.push(bytes(sse))
    expect(stream.error?.param).toBe('top_p')
  })
})

describe('5.1 the details of Anthropic', () => {
  it('reach a Messages client on every path', () => {
    const exchange = open('anthropic-messages', 'anthropic-messages')
    expect(bodyOf(exchange.error(400, BAD_THREAD))).toMatchObject({ error: { details: DETAILS } })
    expect(bodyOf(exchange.failure({ kind: 'invalid_request', message: 'x', details: DETAILS }))).toMatchObject({
      error: { details: DETAILS },
    })
    expect(() => exchange.response(BAD_THREAD)).toThrow(expect.objectContaining({ details: DETAILS }))
    expect(() => exchange.explode(BAD_THREAD)).toThrow(expect.objectContaining({ details: DETAILS }))
  })

  it('reach a Messages client inside a stream', () => {
    const start = { type: 'message_start', message: { id: 'msg_1', content: [], usage: { input_tokens: 1 } } }
    const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } }
    for (const [client, upstream] of [
      ['anthropic-messages', 'anthropic-messages'],
      ['openai-chat', 'anthropic-messages'],
    ] as const) {
      const stream = open(client, upstream, true).stream()
      const events = [start, delta, BAD_THREAD].map(
        (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
      )
      const text = stream.push(bytes(events.join('')))
      expect(stream.error?.details).toEqual(DETAILS)
      expect(text.includes(JSON.stringify(DETAILS))).toBe(client === 'anthropic-messages')
    }
  })
})

describe('5.1 a code of its own', () => {
  it.for(OPENAI)('stands in the place of that of the kind for %s', (to) => {
    const told = (code?: string | null): JsonObject =>
      bodyOf(convertFailure({ to, failure: { kind: 'not_found', message: 'x', ...(code !== undefined && { code }) } }))
    expect(told()).toMatchObject({ error: { code: 'model_not_found' } })
    expect(told(null)).toMatchObject({ error: { type: 'invalid_request_error', code: null } })
    expect(told('no_such_page')).toMatchObject({ error: { code: 'no_such_page' } })
  })
})
