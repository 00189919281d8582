import type { BoundState } from '@relay/account-store'
import { expect, test } from 'vitest'

import { limitError } from './limit-error.ts'

const TOKENS: BoundState = {
  holder: { kind: 'key', name: 'laptop' },
  bound: { type: 'window', counts: 'tokens', windowMs: 60_000 },
  limit: 2000,
  used: 0,
  reserved: 123,
  resetsAt: 60_000,
}

test('a limit with something left of it is not said to be used up', () => {
  expect(limitError(TOKENS, 0).message).toBe(
    'the limit of this relay key of 2000 tokens in 60 s has no room left for this request: 0 used and 123 is reserved by running requests; try again in 1 s',
  )
})

test('a limit is used up, by running requests too', () => {
  expect(limitError({ ...TOKENS, reserved: 2000 }, 0).message).toContain('2000 tokens in 60 s is used up: 0 used and')
  expect(limitError({ ...TOKENS, used: 2000, reserved: 0 }, 0).message).toMatch(
    /is used up: 2000 used; try again in 60 s$/,
  )
})
