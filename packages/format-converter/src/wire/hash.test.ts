import { expect, test } from 'vitest'

import { hashText } from './hash.ts'

test.for([
  [1, 8],
  [2, 16],
  [4, 32],
] as const)('%i lanes give %i hexadecimal digits, always the same', ([lanes, length]) => {
  expect(hashText('call_1', lanes)).toMatch(new RegExp(`^[0-9a-f]{${length}}$`))
  expect(hashText('call_1', lanes)).toBe(hashText('call_1', lanes))
})

test('lanes are unrelated', () => {
  const hex = hashText('call_1', 4)
  expect(new Set([0, 8, 16, 24].map((start) => hex.slice(start, start + 8))).size).toBe(4)
})

test('a hundred thousand texts stay apart', () => {
  const texts = Array.from({ length: 100_000 }, (_, index) => `call_${index}`)
  expect(new Set(texts.map((text) => hashText(text, 2))).size).toBe(texts.length)
})

test('characters beyond one byte count', () => {
  expect(hashText('ā', 2)).not.toBe(hashText('\u0001', 2))
})
