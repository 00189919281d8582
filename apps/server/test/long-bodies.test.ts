import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

import { jsonReply } from '@relay/upstreams/testing'
import { describe, expect, test, vi } from 'vitest'

import { canned, PATHS, readStream, readWhole, STORY, WAYS } from './dialects.ts'
import { accountFor, type Dialect, openStage } from './harness.ts'

vi.mock(import('node:timers/promises'), { spy: true })

const LAST = 'the very last turn'

/** As a client of this dialect sends it. */
function bodyOf(dialect: Dialect, count: number, stream: boolean): object {
  const turns = Array.from({ length: count }, (_, index) => ({
    role: index % 2 === 0 ? 'assistant' : 'user',
    content: index === count - 1 ? LAST : `turn number ${index} of many`,
  }))
  const said = dialect === 'responses' ? { input: turns } : { messages: turns, max_tokens: 100 }
  return { model: 'some-model', stream, ...said }
}

describe('forty thousand turns', () => {
  test.for(WAYS)('$client > $upstream: reach the upstream, and the answer the client', async (way, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned(way.upstream).script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })

    const streamed = await relay.post(PATHS[way.client], bodyOf(way.client, 40_000, true))
    expect(readStream(way.client, await streamed.text())).toMatchObject({ text: STORY, isComplete: true })
    const whole = await relay.post(PATHS[way.client], bodyOf(way.client, 40_000, false))
    expect(await readWhole(way.client, whole)).toBe(STORY)

    expect(upstream.requests.map(({ body }) => body.includes(LAST))).toEqual([true, true])
    expect(await relay.records(2)).toMatchObject([{ reason: 'completed' }, { reason: 'completed' }])
  })

  test.for([
    { client: 'claude', path: '/v1/messages/count_tokens' },
    { client: 'responses', path: '/v1/responses/input_tokens' },
  ] as const)('$client: are counted', async ({ client, path }, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const answer = await relay.post(path, bodyOf(client, 40_000, false))
    expect(answer.headers.get('x-relay-estimated')).toBe('1')
    expect(((await answer.json()) as { readonly input_tokens: number }).input_tokens).toBeGreaterThan(40_000)
  })
})

test('a batch of embeddings passes as it came, and its use is noted', async (context) => {
  const stage = openStage(context)
  const data = Array.from({ length: 50 }, (_, index) => ({
    object: 'embedding',
    index,
    embedding: Array.from({ length: 1536 }, (__, place) => place / 1e7),
  }))
  const usage = { prompt_tokens: 700, total_tokens: 700 }
  const answer = { object: 'list', data, model: 'embedder', usage }
  const upstream = await stage.upstream(jsonReply(answer))
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
  const errands = vi.spyOn(Worker.prototype, 'postMessage')
  context.onTestFinished(() => errands.mockRestore())
  const response = await relay.post('/v1/embeddings', { model: 'embedder', input: ['x'] })
  expect((await response.text()) === JSON.stringify(answer)).toBe(true) // a difference would not be readable
  expect(await relay.records(1)).toMatchObject([{ tokens: { inputTokens: 700 }, modelServed: 'embedder' }])
  expect(errands).toHaveBeenCalledOnce()
})

test.for([
  { turns: 40_000, pauses: 2 },
  { turns: 4, pauses: 0 },
])('a body of $turns turns that passes gives others $pauses turns of the loop', async ({ turns, pauses }, context) => {
  const stage = openStage(context)
  const upstream = await stage.upstream(canned('chat').script)
  const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
  const before = vi.mocked(nextTurn).mock.calls.length
  await (await relay.post(PATHS.chat, bodyOf('chat', turns, true))).text()
  expect(vi.mocked(nextTurn).mock.calls.length - before).toBe(pauses)
})
