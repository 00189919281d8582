import { sseReply } from '@relay/upstreams/testing'
import { expect, test } from 'vitest'

import { ask } from './dialects.ts'
import { accountFor, endOf, openStage } from './harness.ts'

/** Larger events are cut, smaller ones are more work. */
const EVENT_BYTES = 4 * 1024 * 1024

test('a stream that does not end is cut at 256 MB, with an error', { timeout: 240_000 }, async (context) => {
  const stage = openStage(context)
  const choice = { index: 0, delta: { content: 'x'.repeat(EVENT_BYTES) }, finish_reason: null }
  const event = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] }
  const packet = Buffer.from(`data: ${JSON.stringify(event)}\n\n`)
  const upstream = await stage.upstream(sseReply(Array.from({ length: 70 }, () => packet)))
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })

  const response = await ask(relay, 'chat')
  let bytes = 0
  let end = ''
  for await (const piece of response.body ?? []) {
    bytes += piece.length
    end = (end + Buffer.from(piece.subarray(-2000)).toString('latin1')).slice(-2000)
  }

  expect(Math.round(bytes / EVENT_BYTES)).toBe(63)
  expect(end).toMatch(/data: \{"error":\{"message":"the answer is larger than [^]*\}\n\n$/)
  expect(await relay.records(1)).toMatchObject([{ reason: 'upstream_error' }])
  expect(await endOf(await upstream.waitForRequest(1))).toBe('aborted')
  await relay.idle()
})
