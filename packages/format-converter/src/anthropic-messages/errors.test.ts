import { describe, expect, it } from 'vitest'

import { encodeError, encodeStreamError } from './errors.ts'

describe('errors of Messages', () => {
  it.for([
    ['invalid_request', 400, 'invalid_request_error'],
    ['authentication', 401, 'authentication_error'],
    ['upstream_auth', 502, 'api_error'],
    ['permission', 403, 'permission_error'],
    ['billing', 429, 'billing_error'],
    ['upstream_quota', 529, 'overloaded_error'],
    ['not_found', 404, 'not_found_error'],
    ['too_large', 413, 'request_too_large'],
    ['unprocessable', 400, 'invalid_request_error'],
    ['rate_limit', 429, 'rate_limit_error'],
    ['timeout', 504, 'timeout_error'],
    ['overloaded', 529, 'overloaded_error'],
    ['upstream_truncated', 502, 'api_error'],
    ['internal', 500, 'api_error'],
  ] as const)('%s is a %i %s', ([kind, status, type]) => {
    expect(encodeError({ kind, message: 'm' }, 'req_1')).toEqual({
      status,
      body: { type: 'error', error: { type, message: 'm' }, request_id: 'req_1' },
    })
  })

  it('keeps the details, on which features of the SDK depend', () => {
    const details = { error_code: 'thread_unsupported_request', unsupported: ['thread'] }
    expect(encodeError({ kind: 'unsupported_feature', message: 'm', details }, undefined).body).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'm', details },
      request_id: null,
    })
  })

  it('is one event inside a stream', () => {
    expect(encodeStreamError({ kind: 'overloaded', message: 'busy' }, 'r')).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":"r"}\n\n',
    )
  })
})
