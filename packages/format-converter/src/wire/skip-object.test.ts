import { describe, expect, it, test } from 'vitest'

import { skipObject } from './skip-object.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const isWhole = (text: string): boolean => skipObject(bytes(text), 0) === bytes(text).length

const SEEDS = [
  '{}',
  '{"a":[],"b":{},"c":[1,-0.5e+10,2E3,0],"d":[true,false,null]}',
  String.raw`{ "text" : "a\"\\\/\b\f\n\r\tŹ中😀" , "n" : [ { "x" : -1 } , "y" ] }`,
]
const LETTERS = [...'{}[],:"\\ .+-e0x/u', '\t', '\u0001', '\u007f', '中']

function* changesOf(text: string): Generator<string> {
  for (let at = 0; at <= text.length; at += 1) {
    yield text.slice(0, at)
    yield text.slice(0, at) + text.slice(at + 1)
    for (const letter of LETTERS) {
      yield text.slice(0, at) + letter + text.slice(at)
      yield text.slice(0, at) + letter + text.slice(at + 1)
    }
  }
}

/** What the engine says of an object without space around it. */
function isObject(text: string): boolean {
  try {
    return text.startsWith('{') && text.endsWith('}') && typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

describe('the end of an object', () => {
  it('is found where it stands', () => {
    expect(skipObject(bytes('data: {"a":{"b":"}"}}\n\n'), 6)).toBe(21)
    expect(skipObject(bytes('{"a":1}{"b":2}'), 0)).toBe(7)
  })

  test.for(SEEDS)('is found in the changes of %s that the engine parses, and in no other', (seed) => {
    const verdicts = [...changesOf(seed)].map((text) => ({ text, isWhole: isWhole(text) }))
    expect(verdicts).toEqual(verdicts.map(({ text }) => ({ text, isWhole: isObject(text) })))
    expect(verdicts.some((verdict) => verdict.isWhole)).toBe(true)
  })

  test.for([
    ['a line end', '{"a":\n1}'],
    ['a list', '[]'],
    ['great depth', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`],
  ] as const)('is not looked for in %s', ([, text]) => {
    expect(isWhole(text)).toBe(false)
  })
})
