import { expect, test } from 'vitest'

import { exactModelNames, resolveModel } from './models.ts'

test('without a map every name passes through', () => {
  expect(resolveModel(undefined, 'gpt-5.2')).toBe('gpt-5.2')
  expect(resolveModel({}, 'gpt-5.2')).toBe('gpt-5.2')
})

test.for([
  ['claude-opus-5', 'exact'],
  ['claude-opus-6', 'opus'],
  ['claude-sonnet', 'claude'],
  ['gpt-5', 'gpt-5'],
])('an exact name wins over patterns, the longest pattern over shorter ones: %s → %s', ([asked, sent]) => {
  const map = { '*': '*', 'claude-*': 'claude', 'claude-opus-*': 'opus', 'claude-opus-5': 'exact' }
  expect(resolveModel(map, asked ?? '')).toBe(sent)
})

test('a name that nothing matches is not served', () => {
  expect(resolveModel({ 'claude-*': 'gpt-5.2', 'gpt-5': 'gpt-5' }, 'gpt-5.1')).toBeUndefined()
})

test('the target * passes the name through', () => {
  expect(resolveModel({ 'claude-*': '*' }, 'claude-sonnet')).toBe('claude-sonnet')
})

test('a * inside a target stands for what the pattern matched', () => {
  expect(resolveModel({ '*': 'openai/*' }, 'gpt-5')).toBe('openai/gpt-5')
  expect(resolveModel({ 'claude-*': 'anthropic/claude-*' }, 'claude-x')).toBe('anthropic/claude-x')
  expect(resolveModel({ '*': 'p/*' }, 'a$&b')).toBe('p/a$&b')
})

test('a pattern may have several stars', () => {
  const map = { '*sonnet*4*': 'yes' }
  expect(resolveModel(map, 'claude-sonnet-4-6')).toBe('yes')
  expect(resolveModel(map, 'claude-4-sonnet')).toBeUndefined()
  expect(resolveModel({ 'a*a': 'x' }, 'a')).toBeUndefined()
})

test('names of objects and endless names are only names', () => {
  expect(resolveModel({ 'gpt-5': 'x' }, 'constructor')).toBeUndefined()
  expect(resolveModel({ 'gpt-5': 'x' }, '__proto__')).toBeUndefined()
  expect(resolveModel({ '*a*a*a*a*b': 'x' }, 'a'.repeat(100_000))).toBeUndefined()
})

test('only exact names can be listed', () => {
  expect(exactModelNames({ 'claude-*': '*', 'gpt-5': 'gpt-5.2' })).toEqual(['gpt-5'])
})
