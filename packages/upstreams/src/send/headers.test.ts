import { describe, expect, test } from 'vitest'

import type { UpstreamAccount } from '../upstream.ts'
import { pickRetryHeaders, readProcessingMs, readUpstreamRequestId } from './answer-headers.ts'
import { buildRequestHeaders, checkAccountHeader } from './request-headers.ts'
import type { RequestHeaderFacts } from './request-headers.ts'
import { clientRetryAfterSeconds, readRetryAfterMs } from './retry-after.ts'

function account(over: Partial<UpstreamAccount> = {}): UpstreamAccount {
  return { id: 'a1', name: 'main', type: 'claude-console', ...over }
}

function build(over: Partial<RequestHeaderFacts> = {}): Record<string, string> {
  const pairs = buildRequestHeaders({
    account: account(),
    apiFormat: 'claude',
    credential: 'upstream-secret',
    isSameFormat: true,
    clientHeaders: {},
    isStream: true,
    ...over,
  })
  const record: Record<string, string> = {}
  for (let index = 0; index < pairs.length; index += 2) {
    record[pairs[index] ?? ''] = pairs[index + 1] ?? ''
  }
  return record
}

/** What Claude Code and the proxies in front of it send. */
const claudeCode = {
  accept: 'application/json',
  'accept-encoding': 'gzip, br',
  'anthropic-beta': 'claude-code-20250219',
  'anthropic-dangerous-direct-browser-access': 'true',
  'anthropic-version': '2026-10-21',
  authorization: 'Bearer relay-key',
  connection: 'keep-alive, x-app',
  'content-length': '999',
  'content-type': 'application/json',
  cookie: 'session=1',
  forwarded: 'for=1.2.3.4',
  host: 'relay.example',
  'idempotency-key': 'idem-1',
  traceparent: '00-1-2-01',
  'user-agent': 'claude-cli/2.1',
  'x-api-key': 'relay-key',
  'x-app': 'cli',
  'x-claude-code-session-id': 'session-1',
  'x-forwarded-for': '1.2.3.4',
  'x-real-ip': '1.2.3.4',
  'x-stainless-lang': 'js',
  'x-unknown': 'y',
}

describe('request headers', () => {
  test('with the same format exactly the listed ones go up', () => {
    expect(build({ clientHeaders: claudeCode })).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'anthropic-beta': 'claude-code-20250219',
      'anthropic-version': '2026-10-21',
      'content-type': 'application/json',
      'idempotency-key': 'idem-1',
      traceparent: '00-1-2-01',
      'user-agent': 'claude-cli/2.1',
      'x-api-key': 'upstream-secret',
      'x-claude-code-session-id': 'session-1',
      'x-stainless-lang': 'js',
    })
  })

  test('on a converted path hardly any goes up', () => {
    const headers = build({
      account: account({ type: 'openai-chat' }),
      apiFormat: 'openai-chat',
      isSameFormat: false,
      clientHeaders: claudeCode,
    })
    expect(headers).toEqual({
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      authorization: 'Bearer upstream-secret',
      'content-type': 'application/json',
      'idempotency-key': 'idem-1',
      traceparent: '00-1-2-01',
      'user-agent': 'relay',
    })
  })

  test('what a Connection header names stays here', () => {
    expect(build({ clientHeaders: claudeCode })).not.toHaveProperty('x-app')
  })

  test('a Headers object and header lists are read as well', () => {
    const fromObject = build({ clientHeaders: new Headers({ 'anthropic-beta': 'a' }) })
    expect(fromObject['anthropic-beta']).toBe('a')
    const fromList = build({ clientHeaders: { 'anthropic-beta': ['a', 'b'] } })
    expect(fromList['anthropic-beta']).toBe('a, b')
  })

  test('Claude upstreams get a version where the client sent none', () => {
    expect(build()['anthropic-version']).toBe('2023-06-01')
    expect(build({ apiFormat: 'openai-chat' })).not.toHaveProperty('anthropic-version')
  })

  test('our request id goes only to the service that documents a header for it', () => {
    const requestId = 'req_1'
    const openAi = account({ type: 'openai-responses' })
    expect(build({ account: openAi, apiFormat: 'openai-chat', requestId })['x-client-request-id']).toBe(requestId)
    const other = account({ type: 'openai-chat' })
    expect(build({ account: other, apiFormat: 'openai-chat', requestId })).not.toHaveProperty('x-client-request-id')
    expect(build({ requestId })).not.toHaveProperty('x-client-request-id')
  })

  test('the codec may add headers, the account wins over all', () => {
    const headers = build({
      codecHeaders: ['anthropic-beta', 'from-codec', 'x-app', 'codec'],
      account: account({ headers: { 'X-App': 'account', 'X-Org': 'o' } }),
    })
    expect(headers).toMatchObject({ 'anthropic-beta': 'from-codec', 'x-app': 'account', 'x-org': 'o' })
  })

  test('values that would break the head, or endless ones, are not forwarded', () => {
    const headers = build({
      clientHeaders: { 'anthropic-beta': 'a\r\nx-evil: 1', 'user-agent': 'x'.repeat(10_000) },
    })
    expect(headers).not.toHaveProperty('anthropic-beta')
    expect(headers['user-agent']).toBe('relay')
  })

  test.for(['Host', 'content-length', 'Transfer-Encoding', 'connection', 'accept-encoding'])(
    'an account may not set %s',
    (name) => {
      expect(() => build({ account: account({ headers: { [name]: '1' } }) })).toThrow(name)
    },
  )

  test('a bad header of an account is refused without showing its value', () => {
    expect(() => checkAccountHeader('x y', 'v')).toThrow('"x y" is not a header name')
    expect(() => checkAccountHeader('x-key', 'geheim\n')).toThrow('x-key')
    expect(() => checkAccountHeader('x-key', 'geheim\n')).not.toThrow('geheim')
  })
})

function auth(over: Partial<RequestHeaderFacts>): readonly (string | undefined)[] {
  const headers = build(over)
  return [headers['x-api-key'], headers['authorization']]
}

describe('the credential', () => {
  const ccr = account({ type: 'ccr' })

  test('is shown as the type and format want it', () => {
    expect(auth({ credential: 'k' })).toEqual(['k', undefined])
    expect(auth({ credential: 'k', apiFormat: 'openai-chat' })).toEqual([undefined, 'Bearer k'])
    expect(auth({ credential: 'k', account: ccr })).toEqual([undefined, 'Bearer k'])
    expect(auth({ credential: 'sk-ant-1', account: ccr })).toEqual(['sk-ant-1', undefined])
  })

  test('is shown as the account wants it, where it says so', () => {
    expect(auth({ account: account({ authScheme: 'bearer' }), credential: 'k' })).toEqual([undefined, 'Bearer k'])
    expect(auth({ account: account({ authScheme: 'none' }), credential: 'k' })).toEqual([undefined, undefined])
  })

  test('may be absent, and the key of the client never takes its place', () => {
    expect(auth({ credential: undefined, clientHeaders: claudeCode })).toEqual([undefined, undefined])
  })
})

describe('answer headers', () => {
  const nowMs = Date.parse('2026-11-23T10:00:00Z')
  const upstream = new Map([
    ['anthropic-ratelimit-requests-remaining', '3'],
    ['content-encoding', 'gzip'],
    ['openai-organization', 'org'],
    ['openai-processing-ms', '12'],
    ['request-id', 'req_1'],
    ['retry-after', '600'],
    ['server', 'cloudflare'],
    ['set-cookie', 'a=b'],
    ['x-should-retry', 'false'],
  ])

  test('only the listed ones reach the client', () => {
    expect(Object.fromEntries(pickRetryHeaders(upstream, nowMs))).toEqual({
      'retry-after': '60',
      'x-should-retry': 'false',
    })
    expect(readProcessingMs(upstream)).toBe('12')
    expect(readUpstreamRequestId(upstream)).toBe('req_1')
  })

  test('values that are not what they should be are dropped', () => {
    const odd = new Map([
      ['openai-processing-ms', '<script>'],
      ['request-id', 'Bearer=sk/1'],
      ['x-should-retry', 'perhaps'],
    ])
    expect(pickRetryHeaders(odd, nowMs).size).toBe(0)
    expect(readProcessingMs(odd)).toBeUndefined()
    expect(readUpstreamRequestId(odd)).toBeUndefined()
  })

  test.for([
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
    [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9000],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': 'Mon, 23 Nov 2026 10:00:20 GMT' }, 20_000],
    [{ 'retry-after': '600' }, 600_000],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': 'Infinity' }, undefined],
    [{ 'retry-after': '1e3' }, undefined],
    [{ 'retry-after': '99999999999' }, undefined],
    [{ 'retry-after': 'Mon, 23 Nov 2020 10:00:20 GMT' }, undefined],
    [{ 'retry-after': '2'.repeat(400) }, undefined],
    [{}, undefined],
  ] as const)('the wait in %j is %s ms', ([headers, expected]) => {
    expect(readRetryAfterMs(new Map(Object.entries(headers)), nowMs)).toBe(expected)
  })

  test('clients are told whole seconds between 1 and 60', () => {
    expect([0, 1, 1001, 600_000].map(clientRetryAfterSeconds)).toEqual([1, 1, 2, 60])
  })
})
