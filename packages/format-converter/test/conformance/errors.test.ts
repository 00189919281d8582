import { describe, expect, it, test } from 'vitest'

import { open, plain } from '../support/exchanges.ts'
import { PAIRS, type Format } from '../support/pairs.ts'
import { recordingsOf } from '../support/recordings.ts'

/** What an error body of each format always has. */
const SHAPES: { readonly [Name in Format]: object } = {
  'anthropic-messages': { type: 'error', error: { type: expect.any(String), message: expect.any(String) } },
  'openai-chat': { error: { message: expect.any(String), type: expect.any(String) } },
  'openai-responses': { error: { message: expect.any(String), type: expect.any(String) } },
}

/** The same trouble, as each vendor documents it. */
const OVERLOADED: { readonly [Name in Format]: { readonly status: number; readonly body: object } } = {
  'anthropic-messages': {
    status: 529,
    body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
  },
  'openai-chat': {
    status: 503,
    body: { error: { message: 'Overloaded', type: 'server_error', param: null, code: 'server_is_overloaded' } },
  },
  'openai-responses': {
    status: 503,
    body: { error: { message: 'Overloaded', type: 'server_error', param: null, code: 'server_is_overloaded' } },
  },
}

describe.each(PAIRS)('errors of $upstream for clients of $client', ({ client, upstream }) => {
  const failed = recordingsOf(upstream).filter(({ response }) => response.status >= 400)

  test.for(failed)('$id, recorded, is an error of the client', ({ response }) => {
    const error = open({ client, upstream }).error(response.status, response.body)
    const body = plain(error.body)
    expect(body).toMatchObject(SHAPES[client])
    // Trouble of the account is the operator's; what was wrong with the request is the client's, in the upstream's words.
    const isOfTheClient = error.kind === 'invalid_request'
    expect(body.error.message.includes(plain(response.body).error.message)).toBe(isOfTheClient)
    expect(error.status === 400).toBe(isOfTheClient)
  })

  it('overload keeps its kind and gets the status that the client retries', () => {
    const { status, body } = OVERLOADED[upstream]
    const error = open({ client, upstream }).error(status, body, { 'retry-after': '2' })
    const expected = { kind: 'overloaded', retryable: true, retryAfterMs: 2000, status: OVERLOADED[client].status }
    expect(error).toMatchObject(expected)
    expect(plain(error.body)).toMatchObject(SHAPES[client])
  })
})
