import { describe, expect, test } from 'vitest'

import { RECOGNITION_BYTES, recogniseAnswerFormat } from './recognise-answer.ts'
import { chatAnswer, claudeAnswer } from './testing/index.ts'

const responsesSse = 'event: response.created\ndata: {"type":"response.created","response":{"object":"response"}}\n\n'

function bytes(text: string): Uint8Array {
  return Buffer.from(text)
}

describe('a parsed body', () => {
  test.for([
    ['anthropic-messages', claudeAnswer().json],
    ['openai-chat', chatAnswer().json],
    ['openai-chat', { choices: [] }],
    ['openai-responses', { object: 'response', output: [{ type: 'message' }] }],
  ] as const)('is recognised as %s, whatever was expected', ([format, body]) => {
    for (const expected of ['anthropic-messages', 'openai-chat'] as const) {
      expect(recogniseAnswerFormat(body, expected)).toBe(format)
    }
  })

  test('counts as expected where it says nothing: errors, lists, strangers', () => {
    for (const body of [{ error: { message: 'x' } }, { type: 'error' }, [], {}]) {
      expect(recogniseAnswerFormat(body, 'openai-chat')).toBe('openai-chat')
    }
  })
})

describe('the first bytes', () => {
  test.for([
    ['anthropic-messages', claudeAnswer().sse],
    ['anthropic-messages', JSON.stringify(claudeAnswer().json)],
    ['openai-chat', chatAnswer().sse],
    ['openai-chat', JSON.stringify(chatAnswer().json, undefined, 2)],
    ['openai-responses', responsesSse],
  ] as const)('show %s', ([format, text]) => {
    expect(recogniseAnswerFormat(bytes(text), 'anthropic-messages')).toBe(format)
    expect(recogniseAnswerFormat(bytes(text.replaceAll('\n', '\r\n')), 'openai-chat')).toBe(format)
  })

  test('are asked for until they are enough, and never change their mind', () => {
    const text = chatAnswer({ text: 'about "type":"message" and event: message_start' }).sse
    const said = new Set<string | undefined>()
    for (let length = 0; length <= text.length; length += 1) {
      said.add(recogniseAnswerFormat(bytes(text.slice(0, length)), 'anthropic-messages'))
    }
    expect([...said]).toEqual([undefined, 'openai-chat'])
  })

  test('that stay silent after a keep-alive are waited for', () => {
    const ping = 'event: ping\ndata: {"type": "ping"}\n\n: comment\n\n'
    expect(recogniseAnswerFormat(bytes(ping), 'openai-chat')).toBeUndefined()
    expect(recogniseAnswerFormat(bytes(ping + claudeAnswer().sse), 'openai-chat')).toBe('anthropic-messages')
  })

  test('count as expected when an event or 4 KB say nothing', () => {
    expect(recogniseAnswerFormat(bytes('data: {"x":1}\n\n'), 'openai-chat')).toBe('openai-chat')
    const long = bytes(`data: "${'x'.repeat(RECOGNITION_BYTES)}`)
    expect(recogniseAnswerFormat(long, 'openai-chat')).toBe('openai-chat')
  })
})
