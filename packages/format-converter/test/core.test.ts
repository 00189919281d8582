import { describe, expect, it } from 'vitest'

import { anthropicMessages } from '../src/anthropic-messages/index.ts'
import { createConverter as createCore } from '../src/core.ts'
import { createConverter } from '../src/index.ts'
import { openaiChat } from '../src/openai-chat/index.ts'
import { plain } from './support/exchanges.ts'

const codecs = [anthropicMessages, openaiChat]
const REQUEST = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }

describe('a converter of two codecs', () => {
  const pair = { client: 'anthropic-messages', upstream: 'openai-chat' } as const

  it('does what the one of all codecs does', () => {
    const core = createCore({ ...pair, codecs }).exchange(REQUEST)
    expect(core.request).toEqual(createConverter(pair).exchange(REQUEST).request)
  })

  it('needs the codecs of its formats', () => {
    expect(() => createCore({ ...pair, codecs: [openaiChat] })).toThrow(
      /"anthropic-messages" has no codec; known: openai-chat/,
    )
  })

  it('reads a format that it does not have as the expected one, which then is no answer', () => {
    const exchange = createCore({ ...pair, codecs }).exchange(REQUEST)
    const response = { id: 'resp_1', object: 'response', status: 'completed', model: 'm', output: [] }
    expect(() => exchange.response(response)).toThrow(/no answer|choices/)
    const stream = exchange.stream()
    const text = stream.push(
      `event: response.created\ndata: ${JSON.stringify({ type: 'response.created', response })}\n\n`,
    )
    expect(text + stream.end()).toBe('')
    expect(plain(stream.error).kind).toBe('upstream_truncated')
  })
})
