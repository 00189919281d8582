import { expect, test } from 'vitest'

import { parseSpan, scanTopLevel, spliceTopLevel } from './scan-top-level.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (part: Uint8Array): string => new TextDecoder().decode(part)

function members(json: string): Record<string, unknown> | undefined {
  const top = scanTopLevel(bytes(json))
  if (top === undefined) return undefined
  return Object.fromEntries([...top.members].map(([key, span]) => [key, parseSpan(bytes(json), span)]))
}

test('members are found with their values, whatever is nested inside', () => {
  const body = {
    model: 'a"b\\',
    stream: true,
    n: -1.5e3,
    nothing: null,
    deep: [{ model: 'no', x: '}]"' }],
    'k"y': 'é😀',
  }
  expect(members(JSON.stringify(body))).toEqual(body)
  expect(members(JSON.stringify(body, null, 2))).toEqual(body)
  expect(members(' {} ')).toEqual({})
})

test('what is not one object is refused', () => {
  for (const broken of [
    '',
    '[]',
    '1',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1 "b":2}',
    '{"a":[1}',
    '{"a":"x}',
    '{"a":1}x',
    '{,"a":1}',
    '{a:1}',
  ]) {
    expect({ broken, members: members(broken) }).toEqual({ broken, members: undefined })
  }
})

test('keys that stand twice are named, however they are spelled', () => {
  expect(scanTopLevel(bytes('{"model":"a","mod\\u0065l":"b","x":1}'))?.duplicates).toEqual(new Set(['model']))
})

test('a splice changes only the member it names', () => {
  const json = '{ "messages" : [12345678901234567890], "model":"a" }'
  const top = scanTopLevel(bytes(json))
  if (top === undefined) throw new Error('the body did not scan')
  const edits = new Map([
    ['model', '"b"'],
    ['stream_options', '{"include_usage":true}'],
  ])
  expect(text(spliceTopLevel(bytes(json), top, edits))).toBe(
    '{"stream_options":{"include_usage":true}, "messages" : [12345678901234567890], "model":"b" }',
  )
  expect(text(spliceTopLevel(bytes('{}'), scanTopLevel(bytes('{}')) ?? top, new Map([['a', '1']])))).toBe('{"a":1}')
})
