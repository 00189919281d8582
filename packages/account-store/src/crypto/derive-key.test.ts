import { expect, test } from 'vitest'

import { deriveKey, requireStrongSecret } from './derive-key.ts'

test('keys for different purposes or from different secrets have nothing in common', () => {
  const secret = 'a secret of thirty-two characters'
  expect(deriveKey(secret, 'one')).toHaveLength(32)
  expect(deriveKey(secret, 'one')).toEqual(deriveKey(secret, 'one'))
  expect(deriveKey(secret, 'one')).not.toEqual(deriveKey(secret, 'two'))
  expect(deriveKey(secret, 'one')).not.toEqual(deriveKey(`${secret}.`, 'one'))
})

test('a secret of 31 characters is too short, the message says how to make one and does not repeat it', () => {
  const short = 'x'.repeat(31)
  expect(() => requireStrongSecret('ENCRYPTION_KEY', short)).toThrow(/ENCRYPTION_KEY has 31 characters.*openssl rand/)
  expect(() => requireStrongSecret('ENCRYPTION_KEY', short)).not.toThrow(short)
  expect(() => requireStrongSecret('ENCRYPTION_KEY', `${short}x`)).not.toThrow()
})
