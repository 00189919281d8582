import { describe, expect, test } from 'vitest'

import { decodeFailure } from './decode-failure.ts'

interface Case {
  readonly name: string
  readonly status?: number
  readonly body: unknown
  readonly kind: string
}

const CASES: readonly Case[] = [
  {
    name: 'an Anthropic error',
    status: 400,
    body: { type: 'error', error: { type: 'invalid_request_error', message: 'm' } },
    kind: 'invalid_request',
  },
  {
    name: 'an Anthropic overload',
    status: 529,
    body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    kind: 'overloaded',
  },
  {
    name: 'an overload inside a stream',
    body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    kind: 'overloaded',
  },
  {
    name: 'a Responses error event',
    body: { type: 'error', code: 'server_error', message: 'x', param: null },
    kind: 'internal',
  },
  {
    name: 'a code wins over the status',
    status: 429,
    body: { error: { code: 'insufficient_quota', type: 'insufficient_quota', message: 'x' } },
    kind: 'upstream_quota',
  },
  {
    name: 'a rate limit by type',
    status: 429,
    body: { error: { type: 'tokens', code: null, message: 'x' } },
    kind: 'rate_limit',
  },
  {
    name: 'an unknown model',
    status: 404,
    body: { error: { code: 'model_not_found', message: 'x' } },
    kind: 'not_found',
  },
  {
    name: 'a general type yields to the status',
    status: 429,
    body: { error: { type: 'invalid_request_error', message: 'slow' } },
    kind: 'rate_limit',
  },
  { name: 'a refused credential', status: 401, body: { error: { message: 'no' } }, kind: 'upstream_auth' },
  {
    name: 'a forbidden pool account',
    status: 403,
    body: { error: { type: 'permission_error', message: 'no' } },
    kind: 'upstream_auth',
  },
  { name: 'payment required', status: 402, body: { message: 'pay' }, kind: 'upstream_quota' },
  {
    name: 'a credit balance in a 400',
    status: 400,
    body: { type: 'error', error: { type: 'invalid_request_error', message: 'Your credit balance is too low' } },
    kind: 'upstream_quota',
  },
  {
    name: 'a Gemini array',
    status: 429,
    body: [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'x' } }],
    kind: 'rate_limit',
  },
  {
    name: 'a Gemini key',
    status: 400,
    body: {
      error: { code: 400, status: 'INVALID_ARGUMENT', message: 'API key not valid. Please pass a valid API key.' },
    },
    kind: 'upstream_auth',
  },
  { name: 'a text error', status: 500, body: { error: 'boom' }, kind: 'internal' },
  { name: 'a bare message', status: 400, body: { message: 'bad', object: 'error' }, kind: 'invalid_request' },
  {
    name: 'a FastAPI detail',
    status: 422,
    body: { detail: [{ loc: ['body', 'messages', 0], msg: 'field required' }] },
    kind: 'unprocessable',
  },
  { name: 'a list of errors', status: 400, body: { errors: [{ message: 'bad' }] }, kind: 'invalid_request' },
  { name: 'plain text', status: 503, body: 'no healthy upstream', kind: 'overloaded' },
  {
    name: 'HTML under a 404',
    status: 404,
    body: '<html><body>Not Found</body></html>',
    kind: 'upstream_invalid_response',
  },
  { name: 'an empty 404', status: 404, body: '', kind: 'upstream_invalid_response' },
  { name: 'nothing at all', body: undefined, kind: 'upstream_invalid_response' },
  { name: 'an error that says nothing of its kind', body: { error: 'boom' }, kind: 'upstream_invalid_response' },
  { name: 'an error in words alone', body: { error: 'prompt is too long' }, kind: 'context_too_long' },
  {
    name: 'an error object in a 200',
    status: 200,
    body: { error: { code: 429, message: 'slow' } },
    kind: 'rate_limit',
  },
  {
    name: 'an error in a 200 that says nothing',
    status: 200,
    body: { error: { message: 'odd' } },
    kind: 'upstream_invalid_response',
  },
  {
    name: 'an Azure code that is a status',
    status: 401,
    body: { error: { code: '401', message: 'denied' } },
    kind: 'upstream_auth',
  },
  {
    name: 'a moderated prompt',
    status: 403,
    body: {
      error: { code: 403, message: 'Your chosen model requires moderation and your input was flagged for "violence".' },
    },
    kind: 'content_policy',
  },
  {
    name: 'an Azure filter',
    status: 400,
    body: { error: { code: 'content_filter', message: 'x' } },
    kind: 'content_policy',
  },
]

describe('kinds', () => {
  test.for(CASES)('$name is $kind', ({ status, body, kind }) => {
    expect(decodeFailure(status, body).kind).toBe(kind)
  })
})

describe('nested errors', () => {
  test('EC-187 JSON inside a message is read', () => {
    const inner = JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'too fast' } })
    const failure = decodeFailure(500, { error: { message: `upstream said 429 ${inner}` } })
    expect(failure.kind).toBe('rate_limit')
    expect(failure.message).toContain('too fast')
  })

  test("a router's raw provider body is read", () => {
    const raw = JSON.stringify({ error: { message: 'This is the cause', type: 'invalid_request_error' } })
    const failure = decodeFailure(400, {
      error: { code: 400, message: 'Provider returned error', metadata: { raw, provider_name: 'X' } },
    })
    expect(failure).toMatchObject({ kind: 'invalid_request', message: 'This is the cause' })
  })

  test('nesting without end stays bounded', () => {
    let text = '{"error":{"code":"model_not_found","message":"deep"}}'
    for (let depth = 0; depth < 9; depth += 1) text = JSON.stringify({ error: { message: text } })
    expect(decodeFailure(400, text).kind).toBe('invalid_request')
  })
})

describe('a full context window', () => {
  const SENTENCES: readonly (readonly [string, string | undefined])[] = [
    [
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130011 tokens. Please reduce the length.",
      '130011 tokens > 128000 maximum',
    ],
    [
      "This endpoint's maximum context length is 131072 tokens. However, you requested about 135000 tokens (103000 of text input).",
      '135000 tokens > 131072 maximum',
    ],
    [
      "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
      '537812 tokens > 131072 maximum',
    ],
    [
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      '1200000 tokens > 1048576 maximum',
    ],
    [
      'Prompt contains 70000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      '70000 tokens > 32768 maximum',
    ],
    ["The input (5000 tokens) is longer than the model's context length (4096 tokens).", '5000 tokens > 4096 maximum'],
    ['Your request exceeded model token limit: 131072 (requested: 140000)', '140000 tokens > 131072 maximum'],
    ['Your input exceeds the context window of this model. Please adjust your input and try again.', undefined],
    ['Input is too long for requested model.', undefined],
    [
      'the request exceeds the available context size. try increasing the context size or enable context shift',
      undefined,
    ],
    ['input length and `max_tokens` exceed context limit: 198000 + 32000 > 200000', undefined],
  ]

  test.for(SENTENCES)('"%s" begins with the sentence that clients look for', ([text, counts]) => {
    const failure = decodeFailure(400, { error: { message: text, type: 'invalid_request_error' } })
    expect(failure.kind).toBe('context_too_long')
    expect(failure.message.startsWith(`prompt is too long: ${counts ?? ''}`)).toBe(true)
    expect(failure.message).toContain(text)
  })

  test('the sentence itself stays as it is', () => {
    const text = 'prompt is too long: 210000 tokens > 200000 maximum'
    expect(decodeFailure(400, { type: 'error', error: { type: 'invalid_request_error', message: text } }).message).toBe(
      text,
    )
  })

  test('an answer limit that is too large is not a full context', () => {
    const message =
      "'max_tokens' is too large: 32000. This model's maximum context length is 32768 tokens and your request has 1000 input tokens"
    expect(decodeFailure(400, { error: { message } }).kind).toBe('invalid_request')
  })
})

describe('repair', () => {
  test('EC-192 refused reasoning asks for one retry without it', () => {
    const messages = [
      { code: 'invalid_encrypted_content', message: 'The encrypted content gAAA could not be verified.' },
      { type: 'invalid_request_error', message: 'messages.1.content.0: Invalid `signature` in `thinking` block' },
    ]
    for (const error of messages)
      expect(decodeFailure(400, { error })).toMatchObject({ kind: 'invalid_request', repair: 'strip-reasoning' })
  })

  test('an ordinary 400 asks for none', () => {
    expect(decodeFailure(400, { error: { message: 'temperature: must be a number' } }).repair).toBeUndefined()
  })
})

function waitOf(members: object, headers: Readonly<Record<string, string>> = {}): number | undefined {
  const error = { type: 'usage_limit_reached', message: 'x', ...members }
  return decodeFailure(429, { error }, headers).retryAfterMs
}

describe('waiting', () => {
  test.for([
    [{ 'retry-after-ms': '1200' }, 'x', 1_200],
    [{ 'Retry-After': '7' }, 'x', 7_000],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 'x', 30_000],
    [{}, 'Rate limit reached. Please try again in 1.2s. Visit', 1_200],
    [{}, 'Please try again in 6m0.5s.', 360_500],
    [{}, 'Please try again in 20ms.', 20],
    [{}, 'Please retry after 30 seconds', 30_000],
    [{ 'retry-after': 'soon' }, 'x', undefined],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:27:30 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }, 'x', undefined],
    [{ 'retry-after-ms': '99999999999', 'retry-after': '7' }, 'x', 7_000],
    [{ 'retry-after': '99999999999' }, 'try again in 20s', 20_000],
  ] as const)('%o and "%s" give %s ms', ([headers, message, expected]) => {
    expect(decodeFailure(429, { error: { message } }, headers).retryAfterMs).toBe(expected)
  })

  test('a limit says when it resets: in so many seconds, or at a moment beside the date of the answer', () => {
    const at = Date.parse('2026-10-21T09:28:00Z') / 1_000
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT'
    expect(waitOf({ resets_in_seconds: 90 })).toBe(90_000)
    expect(waitOf({ resets_at: at }, { date })).toBe(7_200_000)
    expect(waitOf({ resets_at: at })).toBeUndefined()
    expect(waitOf({ resets_at: at - 9_000 }, { date })).toBeUndefined()
  })

  test("Google's RetryInfo is read, and its word quota does not mean an empty account", () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' }]
    const failure = decodeFailure(429, {
      error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'You exceeded your current quota', details },
    })
    expect(failure).toMatchObject({ kind: 'rate_limit', retryAfterMs: 34_070 })
  })
})

describe('what a client may read', () => {
  test('the message of a 400 is passed on, without credentials', () => {
    const failure = decodeFailure(400, {
      error: { message: 'bad field x for org-AbCdEf123456, key sk-proj-abcdef0123456789' },
    })
    expect(failure.message).toBe('bad field x for org-***, key sk-***')
  })

  test('a refused credential is not described', () => {
    const failure = decodeFailure(401, {
      error: { message: 'Incorrect API key provided: sk-12345678', code: 'invalid_api_key' },
    })
    expect(failure.message).toBe('Upstream refused the credential of its account (status 401)')
    expect(failure.upstreamCode).toBe('invalid_api_key')
  })

  test("a 5xx is Relay's own sentence plus the upstream's", () => {
    expect(decodeFailure(500, { error: { message: 'The server had an error' } }).message).toBe(
      'Upstream failed (status 500): The server had an error',
    )
  })

  test('HTML is never shown', () => {
    expect(decodeFailure(502, '<!DOCTYPE html><html>…</html>').message).toBe('Upstream returned HTML (status 502)')
  })

  test('details survive', () => {
    const details = { error_code: 'thread_not_found' }
    const failure = decodeFailure(404, { type: 'error', error: { type: 'not_found_error', message: 'gone', details } })
    expect(failure).toMatchObject({ kind: 'not_found', details })
  })

  test('details lose secrets as messages do', () => {
    const details = { hint: 'key sk-abcdefghijklmnop', tried: [{ by: 'Bearer abcDEF123456789' }], count: 2, last: null }
    expect(decodeFailure(400, { error: { message: 'm', details } }).details).toEqual({
      hint: 'key sk-***',
      tried: [{ by: 'Bearer ***' }],
      count: 2,
      last: null,
    })
  })

  test('details without end are not carried', () => {
    let details: Record<string, unknown> = {}
    for (let depth = 0; depth < 5_000; depth += 1) details = { details }
    expect(decodeFailure(400, { error: { message: 'm', details } }).details).toBeUndefined()
  })
})
