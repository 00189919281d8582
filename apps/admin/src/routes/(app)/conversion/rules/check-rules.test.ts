import { expect, test } from 'vitest'

import { checkRules } from './check-rules.ts'

const RULE = { id: 'cap', phase: 'request.upstream', ops: [{ op: 'clamp', path: '/max_tokens', max: 64 }] }
const write = (source: object): string => JSON.stringify(source, undefined, 2)

test('a mistake is told with its line', () => {
  const text = write({ version: 1, rules: [{ ...RULE, ops: [{ op: 'clamp', path: '/max_tokens' }] }] })
  const [mistake] = checkRules(text).mistakes
  expect(mistake?.path).toMatch(/^\/rules\/0\/ops\/0/)
  expect(text.split('\n')[(mistake?.line ?? 0) - 1]).toMatch(/\{|clamp/)
})

test('a text that is no JSON is a mistake, an empty one is none', () => {
  expect(checkRules('{\n"version": 1,\n]').mistakes).toHaveLength(1)
  expect(checkRules('  ')).toEqual({ source: undefined, rules: undefined, mistakes: [], tests: [] })
})

test('the tests that are kept with the rules are run', () => {
  const tests = [
    {
      name: 'caps',
      phase: 'request.upstream',
      input: { model: 'm', messages: [{}], max_tokens: 99 },
      expect: { applied: ['cap'] },
    },
    {
      name: 'wrong',
      phase: 'request.upstream',
      input: { model: 'm', messages: [{}], max_tokens: 9 },
      expect: { applied: ['cap'] },
    },
  ]
  const { tests: outcomes } = checkRules(write({ version: 1, rules: [RULE], tests }))
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, false])
})
