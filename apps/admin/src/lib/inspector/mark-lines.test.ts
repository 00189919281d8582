import { expect, test } from 'vitest'

import { toJsonLines } from './json-lines.ts'
import { markChanges, markLosses } from './mark-lines.ts'

const words = { added: 'added', moved: (from: string) => `from ${from}` }

test('two values never share a line, and each knows its place', () => {
  const lines = toJsonLines({ 'a/b': [1, { c: 'x' }], d: {} })
  expect(lines.map(({ pointer, depth, name, text }) => [pointer, depth, name + text])).toEqual([
    ['', 0, '{'],
    ['/a~1b', 1, '"a/b": ['],
    ['/a~1b/0', 2, '1,'],
    ['/a~1b/1', 2, '{'],
    ['/a~1b/1/c', 3, '"c": "x"'],
    ['/a~1b/1', 2, '}'],
    ['/a~1b', 1, '],'],
    ['/d', 1, '"d": {}'],
    ['', 0, '}'],
  ])
})

test('a very long text is shown with its beginning and its length', () => {
  expect(toJsonLines('x'.repeat(9_000))[0]?.text).toMatch(/^"x+"… \(9000\)$/)
})

test('what moved is told from what is new', () => {
  const client = { model: 'm', max_tokens: 5, system: 'Be brief.', messages: [{ role: 'user', content: 'Hi there' }] }
  const messages = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: 'Hi there' },
  ]
  const upstream = { model: 'm', max_tokens: 5, messages, stream_options: { include_usage: true } }
  const marks = markChanges(client, upstream, words)
  expect(Object.fromEntries([...marks].map(([pointer, { title }]) => [pointer, title]))).toEqual({
    '/messages/0/role': 'added',
    '/messages/0/content': 'from /system',
    '/messages/1/role': 'from /messages/0/role',
    '/messages/1/content': 'from /messages/0/content',
    '/stream_options/include_usage': 'added',
  })
})

test('of two losses at one place the worse one is shown', () => {
  const loss = { code: 'unknown_field', path: '/a', message: '' } as const
  const marks = markLosses([
    { ...loss, level: 'info' },
    { ...loss, level: 'lossy' },
    { ...loss, level: 'degraded' },
  ])
  expect(marks.get('/a')?.tone).toBe('lossy')
})
