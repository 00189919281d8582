import { jsonReply, silence } from '@relay/upstreams/testing'
import { describe, expect, test, type TestContext } from 'vitest'

import { canned } from './dialects.ts'
import { accountFor, openStage, type TestRelay } from './harness.ts'
import { openRawClient, type RawClient, requestHead } from './raw-client.ts'

const BODY = JSON.stringify({ model: 'm', max_tokens: 20, messages: [{ role: 'user', content: 'Hi' }] })

interface Asked {
  readonly line?: string
  readonly key?: string
  readonly fields?: Readonly<Record<string, string | number>>
}

/** A client that has sent its head and waits for `100 Continue` with its body. */
async function expectant(relay: TestRelay, asked: Asked = {}): Promise<RawClient> {
  const { line = 'POST /v1/messages', key = relay.key, fields = { 'content-length': BODY.length } } = asked
  const client = await openRawClient(relay.url)
  client.write(requestHead(line, { 'x-api-key': key, expect: '100-continue', ...fields }))
  return client
}

async function answeringRelay(context: TestContext): Promise<TestRelay> {
  const stage = openStage(context)
  const upstream = await stage.upstream(jsonReply(canned('claude').json))
  return stage.relay({ accounts: [accountFor(upstream, 'claude')] })
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

describe.concurrent('Expect: 100-continue', () => {
  const wanted = [
    { name: 'a path of the model API', asked: {} },
    { name: 'an alias, through the router', asked: { line: 'POST /claude/v1/messages/' } },
    { name: 'a chunked body', asked: { fields: { 'transfer-encoding': 'chunked' } } },
  ] as const
  test.for(wanted)('$name: the body is asked for once, and answered', async ({ asked }, context) => {
    const relay = await answeringRelay(context)
    const isChunked = 'fields' in asked
    const client = await expectant(relay, asked)
    expect(await client.receive(/\r\n\r\n/)).toBe(CONTINUE)
    client.write(isChunked ? `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n` : BODY)
    const answer = await client.receive(/"stop_reason"/)
    expect(answer.slice(CONTINUE.length)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(answer.split('100 Continue')).toHaveLength(2)
    client.leave()
  })

  test('a client that does not wait gets its answer', async (context) => {
    const relay = await answeringRelay(context)
    const client = await expectant(relay)
    client.write(BODY)
    expect(await client.receive(/"stop_reason"/)).toMatch(/HTTP\/1\.1 200 OK\r\n/)
    client.leave()
  })

  test('the connection serves the next request', async (context) => {
    const relay = await answeringRelay(context)
    const client = await expectant(relay)
    client.write(BODY)
    await client.receive(/"stop_reason"/)
    client.write(requestHead('GET /health', {}))
    expect(await client.receive(/200 OK[^]*200 OK/)).toMatch(/HTTP\/1\.1 200 OK\r\n/)
    client.leave()
  })

  const refused = [
    { name: 'a key that is none', status: 401, asked: { key: 'rk_none' } },
    { name: 'a body that is too large', status: 413, asked: { fields: { 'content-length': 33 * 1024 * 1024 } } },
    { name: 'a coding that is not known', status: 415, asked: { fields: { 'content-encoding': 'lzma' } } },
    { name: 'a path that leads nowhere', status: 404, asked: { line: 'POST /v1/nothing' } },
    { name: 'a method that is not served', status: 405, asked: { line: 'PUT /v1/messages' } },
    { name: 'another expectation', status: 417, asked: { fields: { expect: 'a-miracle' } } },
  ] as const
  test.for(refused)('$name: $status at once, without 100, and the connection ends', async (each, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(silence())
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    const client = await expectant(relay, each.asked)
    const answer = await client.receive(/\r\n\r\n.*\}/s)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${each.status} `))
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(answer).not.toContain('100 Continue')
    await client.closed
  })
})
