import { expect, test } from 'vitest'

import { endOfJsonString } from './string-end.ts'

test.for([
  ['"" tail', 1],
  ['"ab"', 3],
  ['"a\\"b"', 5],
  ['"\\\\" tail"', 3],
  [`"${'x'.repeat(100)}"`, 101],
  [`"${'x'.repeat(100)}\\"y"`, 104],
  [`"${'x'.repeat(100)}\\\\"y"`, 103],
  [`"${'x'.repeat(30)}\\"${'y'.repeat(50)}\\\\\\"z" tail`, 88],
  [`"${'\\"'.repeat(100)}"`, 201],
  [`"${'\\\\'.repeat(100)}"`, 201],
] as const)('%s ends at %i', ([text, end]) => {
  expect(endOfJsonString(new TextEncoder().encode(text), 0)).toBe(end)
})

test.for(['"', '"abc', '"abc\\"', `"${'x'.repeat(100)}`, `"${'x'.repeat(31)}\\`])('%s has no end', (text) => {
  const bytes = new TextEncoder().encode(text)
  expect(endOfJsonString(bytes, 0)).toBe(bytes.length)
})
