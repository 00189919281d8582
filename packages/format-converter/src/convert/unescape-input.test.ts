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
