import { describe, expect, it } from 'vitest'

import type { FormatName, JsonObject } from '../../src/index.ts'
import { convertWhole } from './harness.ts'

function answerOf(format: FormatName, tier: string): JsonObject {
  const counts = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
  switch (format) {
    case 'anthropic-messages':
      return {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'up',
        content: [{ type: 'text', text: 'Hi' }],
        stop_reason: 'end_turn',
        usage: { ...counts, service_tier: tier },
      }
    case 'openai-responses': {
      const content = [{ type: 'output_text', text: 'Hi', annotations: [] }]
      const output = [{ id: 'msg_1', type: 'message', role: 'assistant', content }]
      return { id: 'resp_1', object: 'response', status: 'completed', output, service_tier: tier, usage: counts }
    }
    default: {
      const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }]
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
      return { id: 'c1', object: 'chat.completion', choices, service_tier: tier, usage }
    }
  }
}

/** The tier that a client of the format is told; Messages has it among the counts. */
function told(client: FormatName, upstream: FormatName, tier: string): unknown {
  const { body } = convertWhole({ client, upstream, request: { model: 'm', input: 'x' } }, answerOf(upstream, tier))
  const { usage, service_tier: own } = JSON.parse(JSON.stringify(body))
  return client === 'anthropic-messages' ? usage.service_tier : own
}

describe('3.1 the tier that served an answer', () => {
  it.for([
    ['openai-chat', 'openai-responses', 'priority', 'priority'],
    ['openai-responses', 'openai-chat', 'flex', 'flex'],
    ['openai-chat', 'anthropic-messages', 'standard', 'default'],
    ['openai-chat', 'anthropic-messages', 'priority', 'priority'],
    ['openai-responses', 'anthropic-messages', 'batch', 'flex'],
    ['anthropic-messages', 'openai-chat', 'flex', 'batch'],
    ['anthropic-messages', 'openai-responses', 'priority', 'priority'],
    ['anthropic-messages', 'openai-responses', 'default', 'standard'],
  ] as const)('%s is told by %s: %s as %s', ([client, upstream, tier, expected]) => {
    expect(told(client, upstream, tier)).toBe(expected)
  })
})
