import { describe, expect, it } from 'vitest'

import { createSseDecoder } from './decode-sse.ts'

const utf8 = new TextEncoder()

/** What the events of a stream are, whole or byte by byte. */
function read(sse: string, step = Number.POSITIVE_INFINITY): readonly unknown[] {
  const reader = createSseDecoder()
  const bytes = utf8.encode(sse)
  const size = Math.min(step, bytes.length)
  const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.slice(at * size, (at + 1) * size),
  )
  return [...parts.flatMap((part) => reader.push(part)), ...reader.end()].map(({ event, data }) => [event, data])
}

describe('a reader of server-sent events', () => {
  it.each([
    [
      'line ends of all kinds',
      'data: a\n\ndata: b\r\n\r\ndata: c\r\r',
      [
        [undefined, 'a'],
        [undefined, 'b'],
        [undefined, 'c'],
      ],
    ],
    ['a byte order mark and several lines', '\u{FEFF}event: e\ndata: a\ndata:b\n\n', [['e', 'a\nb']]],
    ['comments, and a last event without its blank line', ': hi\n\ndata: 🍐', [[undefined, '🍐']]],
  ])('%s', (_name, sse, events) => {
    expect(read(sse)).toEqual(events)
    expect(read(sse, 1)).toEqual(events)
  })

  it.each([
    ['each event once, with the piece that completed it', ['data: a\n\nda', 'ta: b\n', '\n']],
    [
      'an event that ends in CR at once, and takes an LF that follows for its end',
      ['data: a\r\r', '\ndata: b\r', '\r'],
    ],
  ])('gives %s', (_name, pieces) => {
    const reader = createSseDecoder()
    expect(pieces.map((piece) => reader.push(piece))).toMatchObject([[{ data: 'a' }], [], [{ data: 'b' }]])
    expect(reader.end()).toEqual([])
  })

  it('throws for an event that is larger than allowed, and gives nothing after it', () => {
    const reader = createSseDecoder({ maxEventBytes: 10 })
    expect(() => reader.push(`data: ${'x'.repeat(100)}\n\n`)).toThrow(RangeError)
    expect(reader.push('data: a\n\n')).toEqual([])
  })
})
