import { expect, test } from 'vitest'

import { hashPassword, isPassword } from './password-hash.ts'

test('a password is told from any other', async () => {
  const hash = await hashPassword('correct horse battery')
  expect(await isPassword(hash, 'correct horse battery')).toBe(true)
  expect(await isPassword(hash, 'correct horse batterz')).toBe(false)
  expect(await isPassword(hash, '')).toBe(false)
})

test('the hash names its cost and has a salt of its own', async () => {
  const [one, two] = await Promise.all([hashPassword('same password'), hashPassword('same password')])
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w-]{22}\$[\w-]{43}$/)
  expect(one).not.toBe(two)
})

test('a hash made at another cost still works', async () => {
  // argon2id, m=8192, t=1, p=1, salt of 16 zero bytes; computed with node:crypto's argon2.
  const { argon2Sync } = await import('node:crypto')
  const salt = Buffer.alloc(16)
  const tag = argon2Sync('argon2id', {
    message: 'old password',
    nonce: salt,
    memory: 8192,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  })
  const hash = `$argon2id$v=19$m=8192,t=1,p=1$${salt.toString('base64url')}$${tag.toString('base64url')}`
  expect(await isPassword(hash, 'old password')).toBe(true)
})

test.for([undefined, '', 'plain', '$argon2i$v=19$m=8192,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA'])(
  'nobody has the hash %j',
  async (hash) => {
    expect(await isPassword(hash, '')).toBe(false)
    expect(await isPassword(hash, 'plain')).toBe(false)
  },
)
