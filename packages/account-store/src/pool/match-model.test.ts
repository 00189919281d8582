import { expect, test } from 'vitest'

import { fitsPattern, matchModel } from './match-model.ts'

test('without a map every model passes through', () => {
  expect(matchModel(undefined, 'anything')).toBe('anything')
})

test.for([
  { asked: 'claude-opus-4-5', sent: 'exact', why: 'an exact name wins over any wildcard' },
  { asked: 'claude-opus-4-6', sent: 'long', why: 'the longest wildcard wins' },
  { asked: 'claude-haiku', sent: 'short', why: 'a shorter wildcard is used where no longer one fits' },
  { asked: 'pass-me', sent: 'pass-me', why: 'the target * passes the name through' },
  { asked: 'gpt-5.2', sent: undefined, why: 'no match means not served' },
  { asked: 'constructor', sent: undefined, why: 'a name of the prototype is only a name' },
  { asked: '__proto__', sent: undefined, why: 'a name of the prototype is only a name' },
])('$why: $asked', ({ asked, sent }) => {
  const models = { 'claude-*': 'short', 'claude-opus-*': 'long', 'claude-opus-4-5': 'exact', 'pass-*': '*' }
  expect(matchModel(models, asked)).toBe(sent)
})

test('the order of the map does not matter', () => {
  expect(matchModel({ '*': 'any', 'a*': 'a' }, 'abc')).toBe('a')
  expect(matchModel({ 'a*': 'a', '*': 'any' }, 'abc')).toBe('a')
})

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
