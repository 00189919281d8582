import { setTimeout as wait } from 'node:timers/promises'

import { sseReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { canned } from './dialects.ts'
import { accountFor, endOf, openStage } from './harness.ts'
import { openRawClient, type RawClient, requestHead } from './raw-client.ts'

const BODY = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] })
const RUBBISH = 'rubbish\r\n\r\n'

/** A request of its own on a connection that may have others. */
function question(key: string, fields: Readonly<Record<string, string>> = {}, body: string = BODY): string {
  const head = { 'x-api-key': key, 'content-length': body.length, ...fields }
  return requestHead('POST /v1/chat/completions', head) + body
}

/** A stream that takes a while between its beginning and its end. */
const { sse } = canned('chat')
const [begun = ''] = /^[^]*?Es war[^]*?\n\n/.exec(sse) ?? []
const slow = sseReply([begun, sse.slice(begun.length)], { pieceDelayMs: 400 })
const stalled = sseReply(sse, { stallAfterBytes: begun.length })

describe.concurrent('requests sent at once on one connection', () => {
  test('begin one after the other', async (context) => {
    const stage = openStage(context)
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const upstream = await stage.upstream(async (request) => {
      await released
      return canned('chat').reply(request)
    })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const client = await openRawClient(relay.url)
    client.write(question(relay.key) + question(relay.key))
    await upstream.waitForRequest(1)
    await wait(300) // nothing is to come in it
    expect(upstream.requests).toHaveLength(1)
    release()
    await client.receive(/\[DONE\][^]*\[DONE\]/)
    expect(upstream.requests).toHaveLength(2)
    await relay.records(2)
    client.leave()
  })

  test('are not asked behind an answer that closes it', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const client = await openRawClient(relay.url)
    // too many fields are refused in words, and the connection ends
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`x-field-${index}`, 'a']))
    client.write(question(relay.key, many) + question(relay.key))
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 431 /)
    expect(client.received().match(/HTTP\/1\.1/g)).toHaveLength(1)
    await relay.idle()
    expect(upstream.requests).toEqual([])
  })

  test('are not asked when the client has left before their turn', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(stalled)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const client = await openRawClient(relay.url)
    client.write(question(relay.key) + question(relay.key))
    await client.receive(/Es war/)
    client.leave()
    await relay.idle()
    await relay.records(1)
    expect(upstream.requests).toHaveLength(1)
  })

  test('are answered all, as long as they are not more than anybody sends', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(canned('chat').script), 'chat')] })
    const client = await openRawClient(relay.url)
    client.write(question(relay.key).repeat(49) + question(relay.key, { connection: 'close' }))
    await client.closed
    expect(client.received().match(/\[DONE\]/g)).toHaveLength(50)
    await relay.records(50)
  })

  test('are refused beyond a hundred that wait, when the turn of those has passed', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(slow), 'chat')] })
    const client = await openRawClient(relay.url)
    client.write(question(relay.key) + requestHead('GET /health', {}).repeat(5_000))
    await client.closed
    // Behind the refusal the connection is closed over what it leaves unread, so that the last answers may be lost.
    expect(client.received().match(/"status":"ok"/g)?.length ?? 0).toBeLessThanOrEqual(100)
    expect(client.received()).toMatch(/\[DONE\]/)
    await relay.idle()
  })
})

describe.concurrent('rubbish behind a request', () => {
  const pending = [
    { name: 'that waits for its answer', begin: () => Promise.resolve() },
    { name: 'whose stream has begun', begin: (client: RawClient) => client.receive(/Es war/) },
  ]
  test.for(pending)('$name leaves it its answer, and gets 400', async ({ begin }, context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(slow), 'chat')] })
    const client = await openRawClient(relay.url)
    client.write(question(relay.key))
    await begin(client)
    client.write(RUBBISH)
    client.write(RUBBISH)
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 [^]*\[DONE\][^]*HTTP\/1\.1 400 [^]*not well-formed/)
    expect(client.received().match(/HTTP\/1\.1/g)).toHaveLength(2)
    const [record] = await relay.records(1)
    expect(record?.reason).toBe('completed')
  })

  test('that asks for the end of the connection: its answer is the last thing', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(slow), 'chat')] })
    const client = await openRawClient(relay.url)
    client.write(question(relay.key, { connection: 'close' }) + question(relay.key))
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 [^]*\[DONE\]/)
    expect(client.received().match(/HTTP\/1\.1/g)).toHaveLength(1)
    await relay.records(1)
  })

  test('does not hide that the client leaves', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(stalled)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const client = await openRawClient(relay.url)
    client.write(question(relay.key) + RUBBISH)
    await client.receive(/Es war/)
    client.socket.end()
    const [request] = upstream.requests
    expect(request === undefined ? undefined : await endOf(request)).toBe('aborted')
    await relay.idle()
  })

  test.for([
    { name: 'a WebSocket', head: requestHead('GET /v1/responses', { connection: 'Upgrade', upgrade: 'websocket' }) },
    { name: 'CONNECT', head: requestHead('CONNECT a.test:443', {}) },
  ])('$name behind a request is not answered in its place', async ({ head }, context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(slow), 'chat')] })
    const client = await openRawClient(relay.url)
    client.write(question(relay.key) + head)
    await Promise.race([client.closed, client.receive(/ 405 /)])
    expect(client.received()).toMatch(/^(?:$|HTTP\/1\.1 200 [^]*\[DONE\][^]* 405 )/)
    client.leave()
    await relay.idle()
  })
})
