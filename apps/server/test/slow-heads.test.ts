import { setTimeout as wait } from 'node:timers/promises'

import { jsonReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { canned } from './dialects.ts'
import { accountFor, openStage } from './harness.ts'
import { openRawClient, type RawClient, requestHead } from './raw-client.ts'

/** The limit of `reliability` 7.2, and what a busy machine may add to it. */
const LIMIT_MS = 15_000
const LATE_MS = 15_000

const BEGUN = 'POST /v1/messages HTTP/1.1\r\nhost: relay.test\r\nx-slow: '

/** A client that does not come to the end of a head. */
interface SlowClient {
  readonly name: string
  send(client: RawClient): Promise<void>
}

const slowClients: readonly SlowClient[] = [
  { name: 'that sends nothing', send: async () => undefined },
  { name: 'that stops in the request line', send: async (client) => client.write('POST /v1/mess') },
  { name: 'that stops in a field', send: async (client) => client.write(BEGUN) },
  {
    name: 'that goes on byte by byte',
    send: async (client) => {
      client.write(BEGUN)
      while (!client.socket.closed) {
        client.write('a')
        await wait(250)
      }
    },
  },
  {
    name: 'that stops in the second head of a connection',
    send: async (client) => {
      client.write(requestHead('GET /health', {}))
      await client.receive(/"ok"/)
      client.write(BEGUN)
    },
  },
]

describe.concurrent('a head has 15 s', () => {
  test.for(slowClients)('a client $name hears 408, and its connection ends', async ({ send }, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply(canned('claude').json))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    const client = await openRawClient(relay.url)
    const begunMs = performance.now()
    const sent = send(client)
    await Promise.race([client.closed, wait(LIMIT_MS + LATE_MS)])

    expect(client.socket.closed).toBe(true)
    expect(performance.now() - begunMs).toBeGreaterThan(LIMIT_MS - 1_000)
    const answer = client.received().slice(client.received().lastIndexOf('HTTP/1.1 '))
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 408 /)
    expect(head).toMatch(/^connection: close$/im)
    expect(head).toMatch(/^x-relay-request-id: req_\w{32}$/im)
    // nobody knows which format the client would have spoken
    expect(JSON.parse(body)).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'the request did not arrive in time', param: null, code: null },
      request_id: expect.stringMatching(/^req_\w{32}$/),
    })
    await sent
    expect(await relay.records(0)).toEqual([])
    await relay.idle()
  })

  test('a connection that waits for its next request has more time', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply(canned('claude').json))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    const client = await openRawClient(relay.url)
    client.write(requestHead('GET /health', {}))
    await client.receive(/"ok"/)
    await wait(LIMIT_MS + 3_000)
    client.write(requestHead('GET /health', {}))
    expect((await client.receive(/"ok"[^]*"ok"/)).match(/HTTP\/1\.1 200 /g)).toHaveLength(2)
    client.leave()
  })
})
