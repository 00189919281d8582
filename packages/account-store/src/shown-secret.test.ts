import { expect, test } from 'vitest'

import { ShownSecret } from './shown-secret.ts'

test('a slot tells nothing of the secret, and is the same for the same secret only', () => {
  const { slot } = new ShownSecret('rk-secret')
  expect(slot).toMatch(/^[\w+/]{43}=$/)
  expect(slot).not.toContain('secret')
  expect(new ShownSecret('rk-secret').slot).toBe(slot)
  expect(new ShownSecret('rk-secret2').slot).not.toBe(slot)
})

test('a text that can be no key has none', () => {
  expect(new ShownSecret('').slot).toBeUndefined()
  expect(new ShownSecret('k'.repeat(257)).slot).toBeUndefined()
  expect(new ShownSecret('k'.repeat(256)).slot).toBeDefined()
})
