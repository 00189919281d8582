import { describe, expect, it } from 'vitest'

import type { Loose } from '../src/testing/loose.ts'
import { open } from './support/exchanges.ts'

describe('a client of the legacy functions', () => {
  it('gets a call of a custom tool, which it cannot have declared, as a function call all the same', () => {
    const functions = [{ name: 'f', parameters: { type: 'object', properties: {} } }]
    const exchange = open({ client: 'openai-chat', upstream: 'openai-responses', request: { functions } })
    const call = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_1', name: 'edit', input: '*** Begin' }
    const { body }: Loose = exchange.response({ id: 'r', object: 'response', status: 'completed', output: [call] })
    expect(body.choices[0].message).toMatchObject({ function_call: { name: 'edit', arguments: '*** Begin' } })
  })
})
