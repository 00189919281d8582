import { sseReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, readError, readWhole, STORY, STORY_TOKENS, WAYS, type Way } from './dialects.ts'
import { accountFor, eventually, openStage, type Stage } from './harness.ts'

const PROFILE = { profile: { dialect: { wholeAsStream: true } } }

async function open(stage: Stage, { upstream: dialect }: Way) {
  const upstream = await stage.upstream(canned(dialect).script)
  return { upstream, relay: await stage.relay({ accounts: [accountFor(upstream, dialect, PROFILE)] }) }
}

describe.concurrent('an account that is asked for every answer as a stream', () => {
  test.for(WAYS)('$client > $upstream: a whole answer is collected from it', async (way, context) => {
    const { relay, upstream } = await open(openStage(context), way)

    const response = await ask(relay, way.client, { isStream: false })

    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await readWhole(way.client, response)).toBe(STORY)
    expect(upstream.requests.map(({ json }) => json)).toMatchObject([{ stream: true }])
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ status: 200, usageSource: 'reported', tokens: STORY_TOKENS })
    await relay.idle()
  })

  test.for(WAYS)('$client > $upstream: a cut one is an error, and no half answer', async (way, context) => {
    const { relay, upstream } = await open(openStage(context), way)
    const { sse } = canned(way.upstream)
    upstream.answer(sseReply(sse.slice(0, sse.indexOf('l ein Relais'))))

    const error = await readError(way.client, await ask(relay, way.client, { isStream: false }))

    expect(error.status).toBe(502)
  })

  test.for(WAYS)(
    '$client > $upstream: the last event ends it, whether or not the upstream closes',
    async (way, context) => {
      const { relay, upstream } = await open(openStage(context), way)
      const { sse } = canned(way.upstream)
      upstream.answer(sseReply(sse, { stallAfterBytes: Buffer.byteLength(sse) }))

      const response = await ask(relay, way.client, { isStream: false, signal: AbortSignal.timeout(5000) })

      expect(await readWhole(way.client, response)).toBe(STORY)
      await eventually('a connection stays open', () => upstream.openConnections === 0)
    },
  )

  test('one of Chat that breaks behind the reason to finish is whole', async (context) => {
    const { relay, upstream } = await open(openStage(context), { client: 'claude', upstream: 'chat' })
    const { sse } = canned('chat')
    upstream.answer(sseReply(sse, { cutAfterBytes: Buffer.byteLength(sse.slice(0, sse.indexOf('data: [DONE]'))) }))

    expect(await readWhole('claude', await ask(relay, 'claude', { isStream: false }))).toBe(STORY)
    expect(upstream.requests).toHaveLength(1)
  })

  test('one that answers whole all the same is understood', async (context) => {
    const { relay, upstream } = await open(openStage(context), { client: 'claude', upstream: 'chat' })
    upstream.answer({ kind: 'reply', body: JSON.stringify(canned('chat').json) })
    expect(await readWhole('claude', await ask(relay, 'claude', { isStream: false }))).toBe(STORY)
  })
})
