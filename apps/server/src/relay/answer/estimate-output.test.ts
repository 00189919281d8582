import { expect, test } from 'vitest'

import { estimateOutput } from './estimate-output.ts'

const WORDS = 'The ferry takes every message over the river as it is.' // 54 bytes
const CALL = { id: 'call_0123456789', type: 'function', function: { name: 'look', arguments: '{"at":"sea"}' } }

function bytesOf(answer: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(answer))
}

const messages = { type: 'message', role: 'assistant', content: [{ type: 'text', text: WORDS }] }
const chat = { choices: [{ index: 0, message: { role: 'assistant', content: WORDS }, finish_reason: 'stop' }] }
const responses = { output: [{ type: 'message', content: [{ type: 'output_text', text: WORDS, annotations: [] }] }] }

test.for([messages, chat, responses])('the words count, and not what stands around them: %j', (answer) => {
  expect(estimateOutput(bytesOf({ id: 'x'.repeat(100), model: 'm'.repeat(100), ...answer }))).toBe(14)
})

test('a call counts with its name and its arguments', () => {
  const call = { choices: [{ message: { content: null, tool_calls: [CALL] } }] }
  expect(estimateOutput(bytesOf(call))).toBe(4)
})

test('an answer without a word is one token', () => {
  expect(estimateOutput(bytesOf({ choices: [] }))).toBe(1)
  expect(estimateOutput(bytesOf(null))).toBe(1)
})

test('a long answer is taken as a whole, a deep or wide one is read', () => {
  expect(estimateOutput(Buffer.alloc(400_000, 'x'))).toBe(100_000)
  const depth = 50_000
  const input = `${'['.repeat(depth)}"deep"${']'.repeat(depth)}`
  expect(estimateOutput(Buffer.from(`{"content":[{"type":"tool_use","input":${input}}]}`))).toBe(1)
  expect(estimateOutput(bytesOf({ content: Array<number>(130_000).fill(1) }))).toBe(32_500)
})
