import { expect, test } from 'vitest'

import { redact } from './redact.ts'

test.for<readonly [text: string, expected: string]>([
  ['Incorrect API key provided: sk-proj-abc123def456', 'Incorrect API key provided: sk-***'],
  ['header Authorization: Bearer abc.def-123456', 'header Authorization: Bearer ***'],
  ['in organization org-AbCdEfGhIjKl on tokens', 'in organization org-*** on tokens'],
  ['https://host/v1?key=AIzaSyA-1234567890&x=1', 'https://host/v1?key=***&x=1'],
  ['arn:aws:iam::123456789012:user/relay is not authorized', '*** is not authorized'],
  ['AKIAIOSFODNN7EXAMPLE', '***'],
  ['token: dGhpc2lzYXNlY3JldHRva2VuMTIz', 'token: ***'],
  ['session 0123456789abcdef0123456789abcdef ended', 'session *** ended'],
  ['https://name:password@host/', 'https://***@host/'],
  ['mail someone@example.com', 'mail ***'],
])('masks "%s"', ([text, expected]) => {
  expect(redact(text)).toBe(expected)
})

test.for([
  'max_tokens: 4096 is too large',
  'prompt is too long: 210000 tokens > 200000 maximum',
  'unknown key: response_format',
  'messages.1.content.0: Invalid `signature` in `thinking` block',
  'tokens=5000 given',
])('leaves "%s" alone', (text) => {
  expect(redact(text)).toBe(text)
})

test('cuts long text to 2,000 characters without breaking a character', () => {
  const shown = redact('😀'.repeat(5_000))
  expect(shown.length).toBeLessThanOrEqual(2_000)
  expect(shown.isWellFormed()).toBe(true)
})
