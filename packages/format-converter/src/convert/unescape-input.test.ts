import { expect, test } from 'vitest'

import { createInputUnescaper } from './unescape-input.ts'

function unescapeInput(fragments: readonly string[]): string {
  const unescaper = createInputUnescaper()
  return fragments.map((fragment) => unescaper.push(fragment)).join('') + unescaper.end()
}

const RAW = '*** Begin "é" \\ 😀\n\u0001end\ud83d\ude00 \\u00e9'

test('the raw text is the same for every cut of the wrapped input', () => {
  const escapedUnicode = [...JSON.stringify({ input: RAW })].map(escapeBeyondAscii).join('')
  for (const wrapped of [JSON.stringify({ input: RAW }), escapedUnicode, ` { "input" : ${JSON.stringify(RAW)} } `]) {
    for (let at = 0; at <= wrapped.length; at++)
      expect(unescapeInput([wrapped.slice(0, at), wrapped.slice(at)])).toBe(RAW)
    expect(unescapeInput([...wrapped])).toBe(RAW)
  }
})

test('text is shown as soon as it is certain', () => {
  const unescaper = createInputUnescaper()
  expect(unescaper.push('{"input":"ab\\')).toBe('ab')
  expect(unescaper.push('nc')).toBe('\nc')
})

test('arguments of another shape come out whole at the end', () => {
  expect(unescapeInput(['{"path":', '"x"}'])).toBe('{"path":"x"}')
  expect(unescapeInput(['plain ', 'text'])).toBe('plain text')
})

function escapeBeyondAscii(character: string): string {
  if (character.charCodeAt(0) < 128) return character
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

test.each([
  ['{"input":"a"}', true],
  [' { "input" : "a" } ', true],
  ['raw', true],
  ['{"input":5}', true],
  ['{}', true],
  ['', true],
  ['{"input":"a","b":1}', false],
  ['{"b":1,"input":"a"}', false],
  ['{"input":"a', false],
  ['{"input":"a"', false],
])('whether the raw text of %s is all there was is told: %s', (text, isAll) => {
  const unescaper = createInputUnescaper()
  for (const character of text) unescaper.push(character)
  unescaper.end()
  expect(unescaper.isExact()).toBe(isAll)
})

test('white space without an end is looked at once, and kept', () => {
  const unescaper = createInputUnescaper()
  const space = ' '.repeat(1000)
  for (const character of space) unescaper.push(character)
  expect(unescaper.push('{"input":"a"}')).toBe('') // it is not looked for any more
  expect(unescaper.end()).toBe('a')
})
