import { describe, expect, it } from 'vitest'

import { createConverter, profiles, type Exchange, type FormatName, type JsonObject } from '../src/index.ts'

/** A request to a server that takes what others sent for it. */
function send(client: FormatName, upstream: FormatName, body: JsonObject): Exchange {
  const profile = profiles.resolve(upstream, 'some-model', { passthrough: ['top_k', 'extra_body', 'min_p'] })
  return createConverter({ client, upstream, profile }).exchange({ model: 'some-model', ...body })
}

const MESSAGES = { messages: [{ role: 'user', content: 'x' }] }
const INPUT = { input: 'x' }

describe('a literal extra_body', () => {
  it('is spread into a Messages body too', () => {
    const { request } = send('openai-responses', 'anthropic-messages', { ...INPUT, extra_body: { vendor_wish: 7 } })
    expect(request).toMatchObject({ vendor_wish: 7 })
    expect(request).not.toHaveProperty('extra_body')
  })

  it.each<[FormatName, FormatName, JsonObject]>([
    ['openai-responses', 'anthropic-messages', INPUT],
    ['openai-responses', 'openai-chat', INPUT],
    ['anthropic-messages', 'openai-responses', { ...MESSAGES, max_tokens: 100 }],
  ])('%s → %s never replaces what was written, and says so', (client, upstream, body) => {
    const { request, losses } = send(client, upstream, { ...body, extra_body: { model: 'another' } })
    expect(request).toMatchObject({ model: 'some-model' })
    expect(losses).toContainEqual(
      expect.objectContaining({ code: 'param_unsupported', level: 'lossy', path: '/extra_body/model' }),
    )
  })

  it('of a Chat client gives way to the top of the body, and says so', () => {
    const body = { ...MESSAGES, temperature: 0.5, extra_body: { temperature: 0.9 } }
    const { request, losses } = send('openai-chat', 'openai-responses', body)
    expect(request).toMatchObject({ temperature: 0.5 })
    expect(losses).toContainEqual(
      expect.objectContaining({ code: 'param_unsupported', level: 'info', path: '/extra_body/temperature' }),
    )
  })
})

describe('top_k of an OpenAI client, which is no word of its format', () => {
  it('goes to a Responses upstream whose profile passes it on', () => {
    expect(send('openai-chat', 'openai-responses', { ...MESSAGES, top_k: 4 }).request).toMatchObject({ top_k: 4 })
    expect(send('openai-responses', 'openai-chat', { ...INPUT, top_k: 4 }).request).toMatchObject({ top_k: 4 })
  })

  it('is a loss at any other', () => {
    const converter = createConverter({ client: 'openai-chat', upstream: 'openai-responses' })
    const { request, losses } = converter.exchange({ model: 'gpt-4o', ...MESSAGES, top_k: 4 })
    expect(request).not.toHaveProperty('top_k')
    expect(losses).toContainEqual(expect.objectContaining({ level: 'lossy', path: '/top_k' }))
  })
})

describe('a profile that names only what differs', () => {
  it.each([
    ['given', { dialect: { maxTokensField: 'max_tokens' } } as const],
    ['chosen by model', () => ({ dialect: { maxTokensField: 'max_tokens' } }) as const],
  ])('%s is laid over the shipped table', (_name, profile) => {
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat', profile })
    const { request } = converter.exchange({ model: 'gpt-5.2', max_tokens: 100, ...MESSAGES })
    expect(request).toMatchObject({ max_tokens: 100, messages: [{ role: 'user', content: 'x' }] })
  })
})
