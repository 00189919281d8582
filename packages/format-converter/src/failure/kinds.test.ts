import { expect, test } from 'vitest'

import { isRetryable } from './kinds.ts'

test.for(['rate_limit', 'overloaded', 'upstream_auth', 'upstream_quota', 'timeout', 'upstream_truncated'] as const)(
  '%s may go better on another account',
  (kind) => {
    expect(isRetryable(kind)).toBe(true)
  },
)

test.for(['invalid_request', 'context_too_long', 'content_policy', 'too_large', 'client_abort'] as const)(
  '%s goes wrong on every account',
  (kind) => {
    expect(isRetryable(kind)).toBe(false)
  },
)
