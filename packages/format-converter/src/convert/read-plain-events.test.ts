import { expect, it, test } from 'vitest'

import { type PlainEvent, readPlainEvents } from './read-plain-events.ts'

const read = (text: string): readonly PlainEvent[] | undefined => readPlainEvents(new TextEncoder().encode(text))

it('reads names and data of whole events', () => {
  expect(read('data: {"a":1}\n\nevent: ping\ndata: {}\n\n')).toEqual([
    { name: undefined, data: '{"a":1}' },
    { name: 'ping', data: '{}' },
  ])
})

it('reads characters of several bytes', () => {
  expect(read('event: é\ndata: {"a":"中文 😀"}\n\ndata: {"b":"x"}\n\n')).toEqual([
    { name: 'é', data: '{"a":"中文 😀"}' },
    { name: undefined, data: '{"b":"x"}' },
  ])
})

test.for([
  ['a byte order mark', '\u{feff}data: {}\n\n'],
  ['no data', 'event: a\n\n'],
  ['a lone CR in the line of the name', 'event: a\rdata: x\ndata: {}\n\n'],
  ['a cut name', 'data: {}\n\nevent: a'],
  ['a cut event', 'data: {}\n\ndata: {}\n'],
  ['CRLF', 'data: {}\r\n\r\n'],
  ['a lone CR inside a line', 'data: {}\rdata: x\n\n'],
  ['no space after the colon', 'data:{}\n\n'],
  ['two lines of data', 'data: {\ndata: }\n\n'],
  ['a comment', ': keep-alive\n\n'],
  ['another field', 'id: 1\ndata: {}\n\n'],
  ['a third line', 'event: a\ndata: {}\nretry: 1\n\n'],
  ['an empty line too many', 'data: {}\n\n\ndata: {}\n\n'],
] as const)('leaves %s to the splitter', ([, text]) => {
  expect(read(text)).toBeUndefined()
})
