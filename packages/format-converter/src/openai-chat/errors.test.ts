import { expect, it, test } from 'vitest'

import { encodeError } from '../wire/openai-errors.ts'
import { encodeStreamError } from './errors.ts'

test.for([
  ['invalid_request', 400, 'invalid_request_error', null],
  ['context_too_long', 400, 'invalid_request_error', 'context_length_exceeded'],
  ['permission', 400, 'invalid_request_error', 'permission_denied'],
  ['billing', 429, 'insufficient_quota', 'insufficient_quota'],
  ['upstream_auth', 502, 'server_error', 'upstream_auth'],
  ['upstream_quota', 503, 'server_error', 'upstream_quota'],
  ['rate_limit', 429, 'rate_limit_error', 'rate_limit_exceeded'],
  ['overloaded', 503, 'server_error', 'server_is_overloaded'],
  ['upstream_truncated', 502, 'server_error', 'upstream_truncated'],
] as const)('%s has its status, type and code', ([kind, status, type, code]) => {
  expect(encodeError({ kind, message: 'why' })).toEqual({
    status,
    body: { error: { message: 'why', type, param: null, code } },
  })
})

it('says in both places that a quota is used up, whatever kind of trouble has that code', () => {
  const failure = { kind: 'rate_limit', message: 'for an hour', code: 'insufficient_quota' } as const
  expect(encodeError(failure)).toMatchObject({
    status: 429,
    body: { error: { type: 'insufficient_quota', code: 'insufficient_quota' } },
  })
})

it('names the field at fault', () => {
  expect(encodeError({ kind: 'invalid_request', message: 'm', param: '/messages/0' }).body).toMatchObject({
    error: { param: '/messages/0' },
  })
  expect(encodeError({ kind: 'previous_response_not_found', message: 'm' }).body).toMatchObject({
    error: { param: 'previous_response_id' },
  })
})

it('is one data frame in a stream', () => {
  expect(encodeStreamError({ kind: 'timeout', message: 'slow' })).toBe(
    'data: {"error":{"message":"slow","type":"server_error","param":null,"code":"timeout"}}\n\n',
  )
})
