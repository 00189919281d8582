import { expect, test } from 'vitest'

import { amount } from './amount.ts'

test('one is told in the singular, nothing and more in the plural', () => {
  expect([0, 1, 2].map((count) => amount(count, 'key'))).toEqual(['0 keys', '1 key', '2 keys'])
  expect(amount(1, 'key was', 'keys were')).toBe('1 key was')
  expect(amount(3, 'key was', 'keys were')).toBe('3 keys were')
})
