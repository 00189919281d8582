import { sseReply } from '@relay/upstreams/testing'
import { describe, expect, test, type TestContext } from 'vitest'

import { canned } from './dialects.ts'
import { accountFor, endOf, openStage, type TestRelay } from './harness.ts'
import { hasNginx, type NginxRequest, startNginx } from './nginx.ts'

const FIRST_TEXT = 'text_delta'

/** An upstream that sends the first piece of text and then waits for longer than any test. */
async function openWaiting(context: TestContext) {
  const stage = openStage(context)
  const { sse } = canned('chat')
  const begun = Buffer.byteLength(sse.slice(0, sse.indexOf('\n\n', sse.indexOf('l ein Relais')) + 2))
  const upstream = await stage.upstream(sseReply(sse, { stallAfterBytes: begun }))
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
  const nginx = await startNginx(relay.url)
  context.onTestFinished(() => nginx.stop())
  return { upstream, relay, nginx }
}

function messagesRequest(relay: TestRelay): NginxRequest {
  return {
    headers: { 'x-api-key': relay.key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'hi' }] }),
  }
}

function bodyOf(bytes: number): string {
  const messages = [{ role: 'user', content: 'x'.repeat(bytes) }]
  return JSON.stringify({ model: 'm', max_tokens: 9, stream: true, messages })
}

describe.skipIf(!hasNginx)('the nginx configuration that we ship (skipped without nginx)', () => {
  test('events go out while the upstream has not finished', async (context) => {
    const { relay, nginx } = await openWaiting(context)
    const answer = await nginx.post('/v1/messages', messagesRequest(relay))
    expect(answer.status).toBe(200)
    expect(await answer.until(FIRST_TEXT)).not.toContain('message_stop')
    answer.leave()
  })

  test('a client that leaves is felt upstream', async (context) => {
    const { relay, nginx, upstream } = await openWaiting(context)
    const answer = await nginx.post('/v1/messages', messagesRequest(relay))
    await answer.until(FIRST_TEXT)
    const request = await upstream.waitForRequest(1)
    answer.leave()
    expect(await endOf(request)).toBe('aborted')
  })

  test('a body of many megabytes passes, and one over the limit is refused', async (context) => {
    const { relay, nginx } = await openWaiting(context)
    const { headers } = messagesRequest(relay)
    const large = await nginx.post('/v1/messages', { headers, body: bodyOf(20 * 1024 * 1024) })
    expect(large.status).toBe(200)
    large.leave()
    const tooLarge = await nginx.post('/v1/messages', { headers, body: bodyOf(33 * 1024 * 1024) })
    expect(tooLarge.status).toBe(413)
    tooLarge.leave()
  })
})
