import { expect, test } from 'vitest'

import { seededRandom } from '../testing/cut-stream.ts'
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

test('any mix of line ends, cut anywhere, gives the same events and all bytes', () => {
  const next = seededRandom(7)
  const random = (below: number): number => Math.floor(next() * below)
  const letters = ['\n', '\n', '\r', '\r\n', '\n\n\n\n', '\r\n\r\n\r\n', '\r\r\r', 'data: 1', ':']
  for (let round = 0; round < 3000; round++) {
    const stream = `${Array.from({ length: 1 + random(12) }, () => letters[random(letters.length)]).join('')}x`
    const { events, tail } = split(cutAnywhere(stream, random))
    expect(events.join('') + tail).toBe(stream)
    expect(events.map(linesOf).filter((lines) => lines !== '')).toEqual(eventsOf(stream))
  }
})

/** The reference: lines that stand together, each of them ended, with a blank line behind. */
function eventsOf(stream: string): string[] {
  const ended = stream.replaceAll(/\r\n|\r/g, '\n')
  return ended
    .split('\n\n')
    .slice(0, -1)
    .map(linesOf)
    .filter((lines) => lines !== '')
}

function linesOf(event: string): string {
  return event.replaceAll(/\r\n|\r/g, '\n').replaceAll(/^\n+|\n+$/g, '')
}

function cutAnywhere(stream: string, random: (below: number) => number): string[] {
  const cut = random(stream.length + 1)
  const again = random(stream.length + 1)
  const [first, second] = cut < again ? [cut, again] : [again, cut]
  return [stream.slice(0, first), stream.slice(first, second), stream.slice(second)]
}

test('millions of blank lines before an event are few pieces', () => {
  for (const newline of ['\n', '\r\n', '\r', '\r\n\n']) {
    const splitter = createEventSplitter()
    const pieces = splitter.push(bytes(`${newline.repeat(100_000)}data: 1${newline}${newline}`))
    expect(pieces.length).toBeLessThan(8)
    expect(pieces.map(text).filter((piece) => piece.startsWith('data: 1'))).toHaveLength(1)
  }
})
