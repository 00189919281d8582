import { expect, test } from 'vitest'

import { createEventSplitter } from './split-events.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (part: Uint8Array): string => new TextDecoder().decode(part)

function split(chunks: readonly string[]): { events: string[]; tail: string } {
  const splitter = createEventSplitter()
  const events = chunks.flatMap((chunk) => splitter.push(bytes(chunk)).map(text))
  return { events, tail: text(splitter.end()) }
}

test('events are cut behind their blank line, whatever ends the lines', () => {
  for (const newline of ['\n', '\r\n', '\r']) {
    const one = `event: a${newline}data: 1${newline}${newline}`
    const two = `data: 2${newline}${newline}`
    expect(split([one + two, 'data: 3'])).toEqual({ events: [one, two], tail: 'data: 3' })
  }
})

test('any cut gives the same bytes, and all of them', () => {
  for (const newline of ['\n', '\r\n', '\r']) {
    const stream = `data: é1${newline}${newline}: comment${newline}${newline}data: 2${newline}data: 3${newline}${newline}`
    for (let at = 1; at < stream.length; at++) {
      const { events, tail } = split([stream.slice(0, at), stream.slice(at)])
      expect(events.join('') + tail).toBe(stream)
      expect(events.length + (tail === '' ? 0 : 1)).toBe(3)
    }
  }
})

test('one byte at a time gives whole events', () => {
  const { events } = split([...'data: 1\r\n\r\ndata: 2\r\n\r\n', 'x'])
  expect(events).toEqual(['data: 1\r\n\r\n', 'data: 2\r\n\r\n'])
})

test.each([
  ['CR alone', ['data: 1\r\r', 'data: 2\r', '\r'], [['data: 1\r\r'], [], ['data: 2\r\r']]],
  ['CR after LF', ['data: 1\n\r', 'data: 2\n\n'], [['data: 1\n\r'], ['data: 2\n\n']]],
  ['CRLF', ['data: 1\r\n\r', '\ndata: 2\r\n\r\n'], [[], ['data: 1\r\n\r\n', 'data: 2\r\n\r\n']]],
  ['CRLF, byte by byte', ['data: 1', '\r', '\n', '\r', '\n'], [[], [], [], [], ['data: 1\r\n\r\n']]],
  ['CR, then an LF after all', ['data: 1\r\r', '\n', 'data: 2\r\r'], [['data: 1\r\r'], ['\n'], ['data: 2\r\r']]],
])('an event is passed as soon as its blank line is there: %s', (_name, chunks, events) => {
  const splitter = createEventSplitter()
  expect(chunks.map((chunk) => splitter.push(bytes(chunk)).map(text))).toEqual(events)
  expect(splitter.pendingBytes()).toBe(0)
})

test('an event that arrives whole is not copied', () => {
  const chunk = bytes('data: 1\n\n')
  expect(createEventSplitter().push(chunk)[0]?.buffer).toBe(chunk.buffer)
})
