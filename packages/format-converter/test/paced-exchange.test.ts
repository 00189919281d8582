import { describe, expect, test } from 'vitest'

import { createConverter } from '../src/index.ts'
import { type Format, PAIRS } from './support/pairs.ts'

function bodyOf(client: Format, turns: number): { readonly model: string } {
  const messages = Array.from({ length: turns }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `turn ${index}`,
  }))
  const said = client === 'openai-responses' ? { input: messages } : { messages, max_tokens: 100 }
  return { model: 'm', ...said }
}

describe('exchangeAsync with pauses', () => {
  test.for(PAIRS)('$client > $upstream: gives what exchange gives', async ({ client, upstream }) => {
    const converter = createConverter({ client, upstream })
    const body = bodyOf(client, 10_000)
    let pauses = 0
    const pause = async (): Promise<void> => void (pauses += 1)
    const paced = await converter.exchangeAsync(body, { pause })
    expect(JSON.stringify(paced.request)).toBe(JSON.stringify(converter.exchange(body).request))
    expect(pauses > 10).toBe(client !== upstream)
  })

  test('a short request is through without a pause', async () => {
    const converter = createConverter({ client: 'openai-chat', upstream: 'anthropic-messages' })
    const init = { pause: () => Promise.reject(new Error('a pause')) }
    await expect(converter.exchangeAsync(bodyOf('openai-chat', 20), init)).resolves.toBeDefined()
  })

  test('what cannot be carried is refused in the middle of it', async () => {
    const converter = createConverter({ client: 'openai-chat', upstream: 'anthropic-messages' })
    const body = { ...bodyOf('openai-chat', 10_000), modalities: ['audio'] }
    const paced = converter.exchangeAsync(body, { pause: async () => {} })
    await expect(paced).rejects.toMatchObject({ kind: 'unsupported_feature' })
  })
})
