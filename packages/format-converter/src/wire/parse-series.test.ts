import { describe, expect, it, test, vi } from 'vitest'

import { SeriesParser } from './parse-series.ts'
import { parseJson } from './raw-json.ts'

interface Reading {
  readonly values: readonly unknown[]
  /** Texts that had to be parsed from end to end. */
  readonly whole: number
}

function readSeries(texts: readonly string[]): Reading {
  const series = new SeriesParser(undefined, 0)
  const parse = vi.spyOn(JSON, 'parse')
  const values = texts.map((text) => series.parse(text))
  const whole = parse.mock.calls.filter(([text]) => texts.includes(text)).length
  parse.mockRestore()
  return { values, whole }
}

/** Looks at each value when all have been made, for they share parts; and at the order of members, too. */
function expectParsed(texts: readonly string[]): Reading {
  const reading = readSeries(texts)
  const expected = texts.map(parseJson)
  expect(reading.values).toStrictEqual(expected)
  expect(reading.values.map((value) => JSON.stringify(value))).toEqual(expected.map((value) => JSON.stringify(value)))
  return reading
}

const chunk = (text: string, more = ''): string =>
  `{"id":"c1","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"finish_reason":null}]${more}}`

const TEXTS = [
  'a',
  ' the',
  '',
  'say "x"',
  'C:\\',
  '\\"',
  '\n\t',
  '"},"finish_reason":null}]}',
  '中😀',
  '\ud800',
  ' ',
] as const

const SERIES: Readonly<Record<string, readonly string[]>> = {
  'one string': TEXTS.map((text) => chunk(text)),
  'a string and padding of changing length': TEXTS.map((text, at) =>
    chunk(text, `,"obfuscation":"${'xY3'.repeat(at % 4)}"`),
  ),
  'a string, padding and a number': TEXTS.map((delta, at) =>
    JSON.stringify({ type: 'delta', sequence_number: at * 1e3, delta, logprobs: [], obfuscation: `x${delta.length}` }),
  ),
  'a string and white space': TEXTS.map((text, at) => {
    const delta = `{"type":"text_delta","text":${JSON.stringify(text)}}`
    return `{"type":"content_block_delta","index":0,"delta":${delta}${' '.repeat(at % 5)}}`
  }),
  'an argument deep inside': TEXTS.map((piece) =>
    JSON.stringify({ choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: piece } }] } }] }),
  ),
  'two items of a list': TEXTS.map((text, at) => JSON.stringify({ list: [1, text, { a: null }, at, [text]] })),
}

describe('a series of texts', () => {
  test.for(Object.entries(SERIES))('with %s is parsed from end to end twice', ([, texts]) => {
    const { whole } = expectParsed([...texts, ...texts])
    expect(whole).toBeLessThanOrEqual(3) // two that happen to have the same white space show nothing of it
  })

  it('is learned anew when the texts become others', () => {
    const { whole } = expectParsed([...TEXTS.map((text) => chunk(text)), ...TEXTS.map((text) => chunk(text, ',"n":1'))])
    expect(whole).toBe(4)
  })

  it('goes on behind texts of other kinds', () => {
    const { whole } = expectParsed(TEXTS.flatMap((text) => [chunk(text), '{"type":"ping"}', chunk(`${text}!`)]))
    expect(whole).toBe(4 + TEXTS.length - 1)
  })

  it('is not looked for any more where nothing repeats', () => {
    const split = vi.spyOn(String.prototype, 'split')
    readSeries(Array.from({ length: 500 }, (_, at) => JSON.stringify({ [`key ${at}`]: at })))
    expect(split.mock.calls.length).toBeLessThan(100)
    split.mockRestore()
  })

  it('is not looked for before some texts have come', () => {
    const split = vi.spyOn(String.prototype, 'split')
    const series = new SeriesParser()
    const splits = TEXTS.slice(0, 10).map((text) => (series.parse(chunk(text)), split.mock.calls.length))
    split.mockRestore()
    expect(splits.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => 0))
    expect(splits.at(-1)).toBeGreaterThan(0)
  })

  it('is not kept of large texts', () => {
    const large = 'x'.repeat(5000)
    expect(expectParsed([chunk(large), chunk(`${large}y`), chunk(`${large}z`)]).whole).toBe(3)
    expect(expectParsed([chunk('a'), chunk('b'), chunk(large)]).whole).toBe(2)
  })
})

const CLOSE = '{"a":"x","b":{"c":[1,"y"]} }'
/** Texts of which two make a form, or seem to. */
const PAIRS: Readonly<Record<string, readonly [string, string]>> = {
  'strings, numbers and white space': [CLOSE, '{"a":"","b":{"c":[20,"\\n"]}}'],
  'a member that a later one replaces': ['{"a":"x","a":"y"}', '{"a":"z","a":"y"}'],
  'a member that replaces an earlier one': ['{"a":"y","a":"x"}', '{"a":"y","a":"z"}'],
  'a member inside one that is replaced': ['{"a":{"b":"x"},"a":"y"}', '{"a":{"b":"z"},"a":"y"}'],
  'a key': ['{"x":1,"y":2}', '{"z":1,"y":2}'],
  'a key that is the value of another member': ['{"x":"y","y":"x"}', '{"z":"y","y":"z"}'],
  'members by the name of the prototype': ['{"__proto__":"x","b":"y"}', '{"__proto__":"z","b":"u"}'],
  'members inside one by that name': ['{"__proto__":{"a":"x"}}', '{"__proto__":{"a":"z"}}'],
  'numbers of all spellings': ['{"a":-0,"b":1.5e-7}', '{"a":0,"b":12345678901234567890}'],
  'numbers as keys': ['{"2":"x","1":"y"}', '{"2":"u","1":"v"}'],
}
const LETTERS = [...'{}[],:"\\ -0eu', '\n', '\u0001', '中', '\ud800', '"x"', 'null', '","a":"']

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

describe('a text that is almost as those before', () => {
  test.for(Object.entries(PAIRS))('is what the engine says it is: %s', ([, [first, second]]) => {
    const changed = [...changesOf(second)]
    const values = changed.map((text) => readSeries([first, second, text, second]).values)
    expect(values).toStrictEqual(changed.map((text) => [first, second, text, second].map(parseJson)))
    expect(readSeries([first, second, first]).values).toStrictEqual([first, second, first].map(parseJson))
  })

  it('may hold the very strings that a form is proven with', () => {
    const probe = `${'x'.repeat(4096)}0`
    const beside = ['a', 'b', probe].map((text) => chunk(text, `,"p":"${probe}"`))
    expect(expectParsed(beside).whole).toBe(3)
    expect(expectParsed([chunk('a'), chunk('b'), chunk(probe), chunk('c')]).values).toHaveLength(4)
  })

  it('may be nested as deep as the engine allows', () => {
    const texts = ['x', 'y', 'z'].map((text) => `{"a":${'['.repeat(1500)}"${text}"${']'.repeat(1500)}}`)
    expect(expectParsed(texts).whole).toBe(3)
  })
})
