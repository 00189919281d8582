import { expect, test } from 'vitest'

import { fitsPattern } from './fits-pattern.ts'

test.for([
  ['*', '', true],
  ['a*', 'a', true],
  ['*z', 'abz', true],
  ['a*z', 'az', true],
  ['a*a', 'a', false],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['a.c', 'abc', false],
  ['abc', 'abc', true],
  ['', '', true],
] as const)('pattern %j on %j is %j', ([pattern, name, fits]) => {
  expect(fitsPattern(pattern, name)).toBe(fits)
})

test('a pattern of many stars does not blow up', () => {
  expect(fitsPattern(`${'*a'.repeat(100)}b`, 'a'.repeat(200_000))).toBe(false)
})
