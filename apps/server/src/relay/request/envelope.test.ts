import type { FormatName } from '@relay/format-converter'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { openEnvelope } from './envelope.ts'

const MEGABYTE = 1024 * 1024
const PADDING = `"${'x'.repeat(2 * MEGABYTE)}"`
const MANY = `[${'{"a":1},'.repeat(300_000)}1]`

/** Characters that were parsed since it was called. */
function countParsed(): () => number {
  const parse = vi.spyOn(JSON, 'parse')
  return () => parse.mock.calls.reduce((sum, [text]) => sum + text.length, 0)
}

afterEach(() => vi.restoreAllMocks())

describe('a long body', () => {
  test.for<[what: string, format: FormatName, body: string]>([
    ['with its model at the end', 'openai-chat', `{"messages":[${PADDING}],"model":"m"}`],
    [
      'with its model among texts of the same word',
      'openai-chat',
      `{"x":"\\"model\\":\\"no\\"","messages":[{"model":${PADDING}}],"model":"m"}`,
    ],
    ['with its model twice', 'openai-chat', `{"model":"no","messages":[${PADDING}],"model":"m"}`],
    ['of objects', 'openai-chat', `{"model":"m","messages":${MANY}}`],
    ['of long numbers', 'openai-chat', `{"model":"m","messages":[${'12345678901234567890,'.repeat(100_000)}1]}`],
    ['of empty lists', 'openai-chat', `{"model":"m","messages":[${'[],'.repeat(400_000)}1]}`],
    [
      'deeper than is worked on',
      'openai-chat',
      `{"model":"m","messages":[${'['.repeat(MEGABYTE)}${']'.repeat(MEGABYTE)}]}`,
    ],
    ['whose input is one text', 'openai-responses', `{"model":"m","input":${PADDING}}`],
    [
      'with large members that are small elsewhere',
      'openai-chat',
      `{"model":"m","messages":[1],"metadata":${MANY},"thread":${MANY},"stream_options":${MANY}}`,
    ],
  ])('%s is opened without being parsed', ([, format, body]) => {
    const parsed = countParsed()
    const envelope = openEnvelope(Buffer.from(body), { format })
    for (const name of ['metadata', 'thread', 'stream_options', 'tools']) envelope.member(name)
    expect([envelope.model, envelope.isStream]).toEqual(['m', false])
    expect(parsed()).toBeLessThan(1000)
  })

  test.for<[what: string, body: string]>([
    ['an object in place of messages', `{"model":"m","messages":{"a":${MANY}}}`],
    ['a text in place of messages', `{"model":"m","messages":${PADDING}}`],
    ['no end', `{"model":"m","messages":[${PADDING}`],
  ])('with %s is refused', ([, body]) => {
    expect(() => openEnvelope(Buffer.from(body), { format: 'openai-chat' })).toThrow(/messages: must be|not valid JSON/)
  })

  test('with more values than any model reads is not worked on', () => {
    const body = Buffer.from(`{"model":"m","messages":[${'[],'.repeat(600_000)}1]}`)
    expect(() => openEnvelope(body, { format: 'openai-chat' }).parsed()).toThrow('more than 1000000 values')
  })
})

test('a short body is parsed once, and its members are taken from that', () => {
  const parsed = countParsed()
  const body = '{"model":"m","messages":[1],"metadata":{"a":1}}'
  const envelope = openEnvelope(Buffer.from(body), { format: 'openai-chat' })
  expect([envelope.member('metadata'), envelope.parsed()]).toEqual([{ a: 1 }, JSON.parse(body)])
  expect(parsed()).toBe(2 * body.length)
})

test.for(['-1', '1.5'])('a limit of %s is refused by its value', (limit) => {
  const body = `{"model":"m","max_tokens":${limit},"messages":[{"role":"user","content":"Hi."}]}`
  expect(() => openEnvelope(Buffer.from(body), { format: 'anthropic-messages' })).toThrow(
    `max_tokens: must be a whole number of tokens, not the number ${limit}`,
  )
})
