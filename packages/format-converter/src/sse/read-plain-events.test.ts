import { expect, it, test } from 'vitest'

import { readPlainEvents } from './read-plain-events.ts'

it('reads names and data of whole events', () => {
  expect(readPlainEvents('data: {"a":1}\n\nevent: ping\ndata: {}\n\n')).toEqual([
    { name: undefined, data: '{"a":1}' },
    { name: 'ping', data: '{}' },
  ])
})

test.for([
  ['nothing', ''],
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
  expect(readPlainEvents(text)).toBeUndefined()
})
