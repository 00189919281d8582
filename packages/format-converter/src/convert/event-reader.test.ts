import { describe, expect, it } from 'vitest'

import type { Shortcut } from '../codec.ts'
import type { JsonObject } from '../model/json.ts'
import { SeriesParser } from '../wire/parse-series.ts'
import { EventReader } from './event-reader.ts'

/** A reader whose decoder writes down what it is given, whole or by its shortcut. */
function createReader(): { reader: EventReader; seen: unknown[]; asked: () => number } {
  const seen: unknown[] = []
  let asked = 0
  const take = (piece: string): void => void seen.push(piece)
  function shortcut({ type, text }: JsonObject): Shortcut | undefined {
    asked += 1
    return type === 'text' && typeof text === 'string' ? { piece: text, take } : undefined
  }
  const decoder = { push: (body: JsonObject) => void seen.push(body), shortcut, done: () => {}, end: () => {} }
  return { reader: new EventReader(decoder, new SeriesParser(undefined, 0)), seen, asked: () => asked }
}

const text = (piece: string, number = 1): JsonObject => ({ type: 'text', text: piece, number })

describe('a reader of events', () => {
  it('gives its decoder the pieces alone, once it is known what becomes of them', () => {
    const { reader, seen, asked } = createReader()
    for (const [at, piece] of ['a', 'b', 'c', 'd', 'e "e"'].entries())
      expect(reader.push(JSON.stringify(text(piece, at)), undefined)).toBe(true)
    expect(seen).toEqual([text('a', 0), text('b', 1), text('c', 2), 'd', 'e "e"'])
    expect(asked()).toBe(1)
  })

  it('asks again after an event of another kind, and gives empty pieces and other values whole', () => {
    const { reader, seen, asked } = createReader()
    const events = [
      text('a'),
      text('b'),
      text('c'),
      text('d'),
      { type: 'ping' },
      text('e'),
      text('f'),
      text(''),
      text('g'),
    ]
    for (const body of [...events, { ...text(''), text: null }]) reader.push(JSON.stringify(body), undefined)
    expect(seen).toEqual([
      ...events.slice(0, 3),
      'd',
      ...events.slice(4, 6),
      'f',
      text(''),
      'g',
      { ...text(''), text: null },
    ])
    expect(asked()).toBe(3)
  })

  it('does not ask of each event whose decoder knows no shortcut for it', () => {
    const { reader, seen, asked } = createReader()
    for (const at of [1, 2, 3, 4, 5, 6]) reader.push(JSON.stringify({ type: 'other', at }), undefined)
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map((at) => ({ type: 'other', at })))
    expect(asked()).toBe(1)
  })

  it('tells events of another name, and what is no object', () => {
    const { reader, seen } = createReader()
    for (const piece of ['a', 'b', 'c']) reader.push(JSON.stringify(text(piece)), 'x')
    reader.push(JSON.stringify(text('d')), undefined)
    expect(seen).toEqual(['a', 'b', 'c', 'd'].map((piece) => text(piece)))
    expect(['[1]', '{"type":"text","text":"\u0001","number":1}', 'x'].map((data) => reader.push(data, 'x'))).toEqual([
      false,
      false,
      false,
    ])
  })
})
