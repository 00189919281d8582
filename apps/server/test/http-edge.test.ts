import { describe, expect, test } from 'vitest'

import { canned, readError, readStream, readWhole, STORY } from './dialects.ts'
import { accountFor, openStage, type Dialect, type Stage, type TestRelay } from './harness.ts'
import { openRawClient, requestHead } from './raw-client.ts'

async function openRelay(stage: Stage): Promise<TestRelay> {
  const chat = accountFor(await stage.upstream(canned('chat').script), 'chat')
  return stage.relay({ accounts: [chat] })
}

function question(dialect: Dialect, isStream = false): string {
  if (dialect === 'responses') return JSON.stringify({ model: 'm', stream: isStream, input: 'Hi' })
  const body = { model: 'm', max_tokens: 20, stream: isStream, messages: [{ role: 'user', content: 'Hi' }] }
  return JSON.stringify(dialect === 'chat' && isStream ? { ...body, stream_options: { include_usage: true } } : body)
}

const CLAUDE = { 'anthropic-version': '2023-06-01' }

describe.concurrent('the paths', () => {
  const generate = [
    { path: '/v1/messages', dialect: 'claude' },
    { path: '/v1/messages?beta=true', dialect: 'claude' },
    { path: '/v1/messages/', dialect: 'claude' },
    { path: '/messages', dialect: 'claude' },
    { path: '/api/v1/messages', dialect: 'claude' },
    { path: '/claude/v1/messages', dialect: 'claude' },
    { path: '/v1/chat/completions', dialect: 'chat' },
    { path: '/chat/completions', dialect: 'chat' },
    { path: '/openai/v1/chat/completions', dialect: 'chat' },
    { path: '/v1/responses', dialect: 'responses' },
    { path: '/responses/', dialect: 'responses' },
    { path: '/openai/v1/responses', dialect: 'responses' },
  ] as const
  test.for(generate)('POST $path speaks the $dialect dialect', async ({ path, dialect }, context) => {
    const relay = await openRelay(openStage(context))
    expect(await readWhole(dialect, await relay.post(path, question(dialect)))).toBe(STORY)
  })

  test('the root leads a browser to the panel, and tells a program that nothing is there', async (context) => {
    const { url } = await openRelay(openStage(context))
    const browser = await fetch(url, { headers: { accept: 'text/html,*/*;q=0.8' }, redirect: 'manual' })
    expect([browser.status, browser.headers.get('location')]).toEqual([302, '/admin-next'])
    const openAi = await fetch(url)
    expect([openAi.status, await openAi.json()]).toMatchObject([404, { error: { message: 'there is nothing at /' } }])
    const claude = await fetch(url, { headers: CLAUDE })
    expect([claude.status, await claude.json()]).toMatchObject([
      404,
      { type: 'error', error: { type: 'not_found_error' } },
    ])
  })

  const elsewhere = [
    { path: '/v1/nothing', dialect: 'chat', headers: {} },
    { path: '/v1/nothing', dialect: 'claude', headers: CLAUDE },
    { path: '/v1/messages/batches', dialect: 'claude', headers: {} },
    { path: '/v1/chat/nothing', dialect: 'chat', headers: CLAUDE },
    { path: '/openai/v1/nothing', dialect: 'chat', headers: {} },
    { path: '/v1//messages', dialect: 'chat', headers: {} },
    { path: '/v1/responses/a/b/c', dialect: 'responses', headers: CLAUDE },
  ] as const
  test.for(elsewhere)('$path is told in the $dialect dialect that nothing is there', async (each, context) => {
    const relay = await openRelay(openStage(context))
    const error = await readError(each.dialect, await relay.post(each.path, '{}', { headers: each.headers }))
    expect(error).toMatchObject({ status: 404 })
  })

  test.for(['/v1/x/../messages', '/v1/x/%2e%2e/messages', '/v1\\messages'])(
    '%s does not lead to a request',
    async (path, context) => {
      const relay = await openRelay(openStage(context))
      const client = await openRawClient(relay.url)
      const body = question('claude')
      client.write(requestHead(`POST ${path}`, { 'x-api-key': relay.key, 'content-length': body.length }) + body)
      expect(await client.receive(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 40[04] /)
      client.leave()
    },
  )

  const wrongMethods = [
    { method: 'GET', path: '/v1/messages', dialect: 'claude', allow: 'POST' },
    { method: 'DELETE', path: '/v1/messages', dialect: 'claude', allow: 'POST' },
    { method: 'GET', path: '/v1/messages/count_tokens', dialect: 'claude', allow: 'POST' },
    { method: 'PUT', path: '/v1/chat/completions', dialect: 'chat', allow: 'POST' },
    { method: 'POST', path: '/v1/models', dialect: 'chat', allow: 'GET' },
    { method: 'DELETE', path: '/v1/models/some-model', dialect: 'chat', allow: 'GET' },
    { method: 'POST', path: '/v1/relay/key', dialect: 'chat', allow: 'GET' },
    { method: 'POST', path: '/health', dialect: 'chat', allow: 'GET' },
    { method: 'POST', path: '/api/hello', dialect: 'chat', allow: 'GET, HEAD' },
    { method: 'POST', path: '/', dialect: 'chat', allow: 'GET, HEAD' },
  ] as const
  test.for(wrongMethods)('$method $path gets 405 with Allow', async (each, context) => {
    const relay = await openRelay(openStage(context))
    const response = await fetch(`${relay.url}${each.path}`, { method: each.method })
    expect(response.headers.get('allow')).toBe(each.allow)
    expect(await readError(each.dialect, response)).toMatchObject({ status: 405 })
  })

  test('the greeting of Claude Code is answered without a key', async (context) => {
    const relay = await openRelay(openStage(context))
    const response = await fetch(`${relay.url}/api/hello`, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })

  const anywhere = ['/health', '/ready', '/api/hello', '/', '/nothing', '/v1/nothing', '/v1/models', '/admin-next']
  test.for([...anywhere, '/admin/api/session', '/admin/api/nothing'])(
    'GET %s has a request id',
    async (path, context) => {
      const relay = await openRelay(openStage(context))
      const { headers } = await fetch(`${relay.url}${path}`, { redirect: 'manual' })
      expect(headers.get('x-relay-request-id')).toMatch(/^req_\w{32}$/)
      expect(headers.get('x-request-id')).toBe(headers.get('x-relay-request-id'))
    },
  )

  test('health and readiness show no internals', async (context) => {
    const relay = await openRelay(openStage(context))
    expect(await (await fetch(`${relay.url}/health`)).json()).toEqual({ status: 'ok', version: expect.any(String) })
    expect(await (await fetch(`${relay.url}/ready`)).json()).toEqual({ status: 'ready' })
  })

  test('a relay key that stands in the query as well does not reach the upstream', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('claude').script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    await relay.post(`/v1/messages?beta=true&key=${relay.key}&x=1`, question('claude'))
    await relay.post('/v1/messages?beta=true', question('claude'))
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/v1/messages?beta=true&x=1', '/v1/messages?beta=true'])
  })

  test('forwarded headers and method overrides change nothing', async (context) => {
    const relay = await openRelay(openStage(context))
    const headers = { 'x-original-url': '/health', 'x-http-method-override': 'GET', 'x-forwarded-host': 'evil.test' }
    expect(await readWhole('claude', await relay.post('/v1/messages', question('claude'), { headers }))).toBe(STORY)
  })
})

/** What a bare connection is told, up to its end. */
async function refusalOf({ url }: TestRelay, bytes: string): Promise<object> {
  const client = await openRawClient(url)
  client.write(bytes)
  await client.closed
  const [head = '', body = ''] = client.received().split('\r\n\r\n')
  const connection = /^connection: (.*)$/im.exec(head)?.[1]
  expect(head).toMatch(/^x-relay-request-id: req_\w{32}$/im)
  return { status: Number(head.slice(9, 12)), connection, body: JSON.parse(body) as unknown }
}

describe.concurrent('bytes that are no good HTTP', () => {
  const post = 'POST /v1/messages HTTP/1.1\r\nhost: relay.test\r\n'
  const malformed = [
    {
      trouble: 'a length and a transfer coding',
      bytes: `${post}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    },
    { trouble: 'two lengths', bytes: `${post}content-length: 4\r\ncontent-length: 5\r\n\r\nabcde` },
    { trouble: 'an unknown transfer coding', bytes: `${post}transfer-encoding: magic\r\n\r\nabc` },
    { trouble: 'a length that is no number', bytes: `${post}content-length: ten\r\n\r\nabc` },
    { trouble: 'a header without a colon', bytes: `${post}nonsense\r\n\r\n` },
    { trouble: 'NUL in a header', bytes: `${post}x-a: a\0b\r\n\r\n` },
    { trouble: 'a bare line feed in the head', bytes: `${post}x-a: b\nx-c: d\r\n\r\n` },
    {
      trouble: 'a transfer coding before "chunked"',
      bytes: `${post}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    },
    { trouble: 'a chunk without a size', bytes: `${post}transfer-encoding: chunked\r\n\r\nzz\r\n{}` },
    { trouble: 'no host', bytes: 'POST /v1/messages HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}' },
    { trouble: 'two hosts', bytes: `${post}host: other.test\r\ncontent-length: 2\r\n\r\n{}` },
  ]
  test.for(malformed)('$trouble: 400 in the caller’s format, and the end', async ({ bytes }, context) => {
    const relay = await openRelay(openStage(context))
    expect(await refusalOf(relay, bytes)).toEqual({
      status: 400,
      connection: 'close',
      body: {
        type: 'error',
        error: { type: 'invalid_request_error', message: expect.any(String) },
        request_id: expect.stringMatching(/^req_/),
      },
    })
  })

  test('in the middle of a body: the one record says what the client was told', async (context) => {
    const relay = await openRelay(openStage(context))
    const fields = { 'x-api-key': relay.key, 'transfer-encoding': 'chunked' }
    const client = await openRawClient(relay.url)
    client.write(`${requestHead('POST /v1/messages', fields)}5\r\n{"mod\r\n`)
    client.write('zz\r\nel"\r\n')
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 400 [^]*^connection: close$[^]*not well-formed/im)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: 400, reason: 'rejected' })
    expect(client.received()).toContain(`x-relay-request-id: ${record?.requestId}`)
    await relay.idle()
  })

  test.for(['GET /health HTTP/1.1\r\n\r\n', 'hello\r\n\r\n'])('%j: 400, and the end', async (bytes, context) => {
    const client = await openRawClient((await openRelay(openStage(context))).url)
    client.write(bytes)
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 400 /)
    expect(client.received().toLowerCase()).toContain('connection: close')
  })

  test('HTTP/1.0 needs no host', async (context) => {
    const relay = await openRelay(openStage(context))
    const health = await openRawClient(relay.url)
    health.write('GET /health HTTP/1.0\r\n\r\n')
    await health.closed
    expect(health.received()).toMatch(/^HTTP\/1\.1 200 /)
    const asking = await openRawClient(relay.url)
    const body = question('chat')
    const fields = `x-api-key: ${relay.key}\r\ncontent-length: ${body.length}`
    asking.write(`POST /v1/chat/completions HTTP/1.0\r\n${fields}\r\n\r\n${body}`)
    await asking.closed
    expect(asking.received()).toContain(STORY)
  })

  const others: readonly { line: string; fields: Readonly<Record<string, string | number>>; status: number }[] = [
    { line: 'OPTIONS *', fields: {}, status: 400 },
    { line: 'GET /v1/models', fields: { host: 'a b' }, status: 400 },
    { line: String.raw`GET /v1\models`, fields: {}, status: 400 },
    { line: 'CONNECT api.example.com:443', fields: {}, status: 405 },
    { line: 'POST /v1/chat/completions', fields: { expect: 'a-miracle', 'content-length': 2 }, status: 417 },
  ]
  test.for(others)('$line with $fields: $status', async ({ line, fields, status }, context) => {
    const refusal = await refusalOf(await openRelay(openStage(context)), requestHead(line, fields))
    expect(refusal).toMatchObject({ status, connection: 'close', body: { error: { type: 'invalid_request_error' } } })
  })

  test('more than 64 KB of headers: 431', async (context) => {
    const relay = await openRelay(openStage(context))
    const client = await openRawClient(relay.url)
    client.write(requestHead('GET /health', { 'x-long': 'a'.repeat(70_000) }))
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 431 [^]*"the head of the request is larger than 64 KB"/)
  })

  test('more than 200 header fields: 431 in the caller’s format', async (context) => {
    const relay = await openRelay(openStage(context))
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`x-field-${index}`, 'a']))
    const error = await readError('claude', await relay.post('/v1/messages', question('claude'), { headers: many }))
    expect(error.status).toBe(431)
  })
})

describe.concurrent('good HTTP that few clients speak', () => {
  test('requests sent at once on one connection are answered in order', async (context) => {
    const relay = await openRelay(openStage(context))
    const client = await openRawClient(relay.url)
    const first = question('claude', true)
    const second = question('chat')
    client.write(
      requestHead('POST /v1/messages', { 'x-api-key': relay.key, 'content-length': first.length }) +
        first +
        requestHead('POST /v1/chat/completions', { 'x-api-key': relay.key, 'content-length': second.length }) +
        second +
        requestHead('GET /health', { connection: 'close' }),
    )
    await client.closed
    const answers = client.received()
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(3)
    expect(answers.indexOf('message_stop')).toBeLessThan(answers.indexOf('chat.completion'))
    expect(answers.indexOf('chat.completion')).toBeLessThan(answers.indexOf('"status":"ok"'))
    await relay.records(2)
  })

  test('a client that asks whether to go on is told so', async (context) => {
    const relay = await openRelay(openStage(context))
    const client = await openRawClient(relay.url)
    const body = question('claude', true)
    const fields = {
      'x-api-key': relay.key,
      'content-length': body.length,
      expect: '100-continue',
      connection: 'close',
    }
    client.write(requestHead('POST /v1/messages', fields))
    await client.receive(/HTTP\/1\.1 100 Continue/)
    client.write(body)
    await client.closed
    expect(client.received()).toContain('message_stop')
  })

  test.for(['/v1/responses', '/v1/messages'])('a WebSocket at %s gets 426 at once', async (path, context) => {
    const relay = await openRelay(openStage(context))
    const client = await openRawClient(relay.url)
    const fields = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'aGVsbG8gd29ybGQhISEh' }
    client.write(requestHead(`GET ${path}`, { ...fields, 'sec-websocket-version': 13 }))
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 426 [^]*"invalid_request_error"/)
  })

  test('an offer of HTTP/2 is passed over', async (context) => {
    const relay = await openRelay(openStage(context))
    const client = await openRawClient(relay.url)
    const body = question('chat')
    const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' }
    client.write(
      requestHead('POST /v1/chat/completions', { ...offer, 'x-api-key': relay.key, 'content-length': body.length }),
    )
    client.write(body)
    expect(await client.receive(/\}\s*$/)).toMatch(/^HTTP\/1\.1 200 /)
    client.leave()
  })

  test('a connection serves one request after another', async (context) => {
    const relay = await openRelay(openStage(context))
    for (let round = 0; round < 3; round += 1) {
      const response = await relay.post('/v1/messages', question('claude', true))
      expect(readStream('claude', await response.text())).toMatchObject({ text: STORY, isComplete: true })
    }
    await relay.records(3)
  })
})
