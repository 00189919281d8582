import { expect, test } from 'vitest'

import { createSecretBox } from './secret-box.ts'

const box = createSecretBox('a key of thirty-two characters, or more')
const SECRET = 'sk-upstream-credential ünïcödé'

test('what was sealed opens under the same key and context', () => {
  expect(box.open(box.seal(SECRET, 'account:1'), 'account:1')).toBe(SECRET)
})

test('a sealed text names its key and hides its content', () => {
  const sealed = box.seal(SECRET, 'account:1')
  expect(sealed.split('.')[1]).toBe(box.keyId)
  expect(Buffer.from(sealed.split('.')[3] ?? '', 'base64url').toString()).not.toContain('credential')
})

test('each text gets a nonce of its own', () => {
  const nonces = Array.from({ length: 100 }, () => box.seal(SECRET, 'account:1').split('.')[2])
  expect(new Set(nonces).size).toBe(100)
  expect(Buffer.from(nonces[0] ?? '', 'base64url')).toHaveLength(12)
})

test('nothing opens for another record or under another key', () => {
  const sealed = box.seal(SECRET, 'account:1')
  expect(box.open(sealed, 'account:2')).toBeUndefined()
  expect(createSecretBox('another key of thirty-two characters').open(sealed, 'account:1')).toBeUndefined()
})

test('no changed byte and no cut goes unnoticed', () => {
  const sealed = box.seal(SECRET, 'account:1')
  for (let index = 0; index < sealed.length; index += 1) {
    expect(box.open(sealed.slice(0, index), 'account:1')).toBeUndefined()
  }
  const [format, keyId, nonce = '', body = ''] = sealed.split('.')
  for (const part of [2, 3]) {
    const bytes = Buffer.from(part === 2 ? nonce : body, 'base64url')
    for (const index of bytes.keys()) {
      const forged = Buffer.from(bytes)
      forged.writeUInt8(forged.readUInt8(index) ^ 1, index)
      const text = forged.toString('base64url')
      const parts = part === 2 ? [format, keyId, text, body] : [format, keyId, nonce, text]
      expect(box.open(parts.join('.'), 'account:1')).toBeUndefined()
    }
  }
})

test.for(['', '.', 'v1...', 'v2.a.b.c', 'plain text'])('%j is not a sealed text', (text) => {
  expect(box.open(text, 'account:1')).toBeUndefined()
})
