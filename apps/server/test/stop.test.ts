import { jsonReply, silence, sseReply } from '@relay/upstreams/testing'
import type { FakeAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, onBothPaths, readError, readStream, STORY, WAYS } from './dialects.ts'
import { accountFor, attemptsOf, endOf, openStage, type Dialect } from './harness.ts'
import { openRawClient, requestHead } from './raw-client.ts'

/** A canned answer in two parts, the first of which has content. */
function halves(upstream: Dialect): readonly [string, string] {
  const { sse } = canned(upstream)
  const middle = sse.lastIndexOf('\n\n', sse.indexOf(' den Fluss')) + 2
  return [sse.slice(0, middle), sse.slice(middle)]
}

describe.concurrent('a stop', () => {
  test.for(WAYS)('$client > $upstream: lets a running stream finish', async (way, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(sseReply(halves(way.upstream), { pieceDelayMs: 600 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })
    const response = await ask(relay, way.client)

    const stopped = relay.stop(10_000)

    expect(readStream(way.client, await response.text())).toMatchObject({ text: STORY, isComplete: true })
    await stopped
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed' }])
  })

  test.for(WAYS)('$client > $upstream: ends a stream that outlives the grace with an error', async (way, context) => {
    const stage = openStage(context)
    const [begun, rest] = halves(way.upstream)
    const upstream = await stage.upstream(sseReply(`${begun}${rest}`, { stallAfterBytes: Buffer.byteLength(begun) }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })
    const response = await ask(relay, way.client)

    await relay.stop(100)

    const answer = readStream(way.client, await response.text())
    expect(answer.isComplete).toBe(false)
    expect(answer.error?.message).toContain('restarted')
    expect(await endOf(await upstream.waitForRequest(1))).toBe('aborted')
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ reason: 'shutdown', status: 200 })
    expect(attemptsOf(record)).toMatchObject([{ reason: 'shutdown' }])
    await relay.idle()
  })

  const waiting: readonly { readonly what: string; readonly isStream: boolean; readonly answer: () => FakeAnswer }[] = [
    { what: 'a stream that waits for its headers', isStream: true, answer: silence },
    {
      what: 'a stream that waits for its first content',
      isStream: true,
      answer: () => sseReply(': x', { stallAfterBytes: 0 }),
    },
    { what: 'a whole answer', isStream: false, answer: () => jsonReply({ some: 'answer' }, { stallAfterBytes: 5 }) },
  ]
  test.for(onBothPaths(waiting))(
    '$client > $upstream: $what that outlives the grace gets a real status',
    async (each, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(each.answer())
      const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)] })
      const asked = ask(relay, each.client, { isStream: each.isStream })
      const request = await upstream.waitForRequest(1)

      await relay.stop(100)

      const response = await asked
      expect(response.headers.get('retry-after')).toBe('1')
      const error = await readError(each.client, response)
      expect(error.status).toBe(each.client === 'claude' ? 529 : 503)
      expect(await endOf(request)).toBe('aborted')
      expect(await relay.records(1)).toMatchObject([{ reason: 'shutdown', status: error.status }])
      await relay.idle()
    },
  )

  test('turns readiness off and takes no new connection', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(sseReply(halves('chat'), { pieceDelayMs: 600 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const client = await openRawClient(relay.url)
    const body = JSON.stringify({
      model: 'm',
      max_tokens: 9,
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    })
    const post = requestHead('POST /v1/messages', { 'x-api-key': relay.key, 'content-length': body.length })
    client.write(post + body)
    await client.receive(/Es war/)

    const stopped = relay.stop(10_000)
    const isTaken = (): Promise<boolean> =>
      fetch(`${relay.url}/health`).then(
        () => true,
        () => false,
      )
    await context.expect.poll(isTaken).toBe(false) // but for one that was on its way
    client.write(requestHead('GET /ready', { connection: 'close' }))
    await client.closed
    await stopped

    expect(client.received()).toContain('message_stop')
    expect(client.received()).toMatch(/HTTP\/1\.1 503 [^]*"status":"stopping"/)
  })

  test('is over at once when nothing runs, although connections are open', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [] })
    const client = await openRawClient(relay.url)
    client.write(requestHead('GET /health', {}))
    await client.receive(/"ok"/)
    await relay.stop(60_000)
    await client.closed
    expect(client.received()).toMatch(/^HTTP\/1\.1 200 /)
  })
})
