import { expect, test } from 'vitest'

import { ApiError } from './api-error.ts'

test('an answer that did not come in time is not taken for a relay that is away', async () => {
  const signal = AbortSignal.timeout(0)
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  expect(ApiError.from(signal.reason).code).toBe('too-slow')
  expect(ApiError.from(new TypeError('fetch failed')).code).toBe('unreachable')
})
