import { describe, expect, test } from 'vitest'

import { profiles } from './adapt/profiles.ts'
import { createConverter } from './convert/create-converter.ts'

describe('choices', () => {
  test('may be written with short names', () => {
    const { dialect, model } = profiles.resolve('openai-chat', 'm', {
      dialect: { repeatsArgs: true, lenientEof: true } as object,
      model: { maxOutput: 4096 } as object,
    })
    expect(dialect).toMatchObject({ repeatsArguments: true, lenientEnd: true })
    expect(dialect).not.toHaveProperty('repeatsArgs')
    expect(model.maxOutputTokens).toBe(4096)
  })

  test('that are undefined leave the default', () => {
    const converter = createConverter({
      client: 'openai-chat',
      upstream: 'anthropic-messages',
      options: { textJoin: undefined },
    })
    const content = ['a', 'b'].flatMap((text) => [
      { type: 'text', text },
      { type: 'tool_use', id: `call_${text}`, name: 'f', input: {} },
    ])
    const { body } = converter
      .exchange({ model: 'm', messages: [{ role: 'user', content: 'x' }] })
      .response({ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content, stop_reason: 'tool_use' })
    expect(body).toMatchObject({ choices: [{ message: { content: 'a\n\nb' } }] })
  })
})
