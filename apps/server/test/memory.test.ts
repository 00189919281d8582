import { describe, expect, test } from 'vitest'

import { ask, canned, DIALECTS, readError, readStream, STORY } from './dialects.ts'
import { accountFor, openStage, type TestRelay } from './harness.ts'

/** A limit of which this process uses about that share. */
function limitFor(share: number): number {
  const { heapUsed, external } = process.memoryUsage()
  return Math.round((heapUsed + external + 60 * 1024 * 1024) / share)
}

async function relayAt(share: number, stage: ReturnType<typeof openStage>): Promise<TestRelay> {
  const upstream = await stage.upstream(canned('chat').script)
  return stage.relay({ accounts: [accountFor(upstream, 'chat')], config: { memoryLimitBytes: limitFor(share) } })
}

describe('when memory is short', () => {
  test.for(DIALECTS)('%s: new requests are refused for a moment, and health answers', async (dialect, context) => {
    const relay = await relayAt(50, openStage(context))

    const response = await ask(relay, dialect)

    expect(response.headers.get('retry-after')).toBe('1')
    expect((await readError(dialect, response)).status).toBe(dialect === 'claude' ? 529 : 503)
    const health = await fetch(`${relay.url}/health`)
    expect([health.status, health.headers.get('connection')]).toEqual([200, 'close'])
  })

  test('a step earlier connections are not kept, and requests are served', async (context) => {
    const stage = openStage(context)
    // Tests beside this one use memory, too: the share is looked for.
    let answer = await ask(await relayAt(0.84, stage), 'chat')
    for (const share of [0.8, 0.86]) if (!answer.ok) answer = await ask(await relayAt(share, stage), 'chat')
    expect(answer.headers.get('connection')).toBe('close')
    expect(readStream('chat', await answer.text())).toMatchObject({ text: STORY, isComplete: true })
  })

  test('a step earlier nothing is exported, and the rest of the admin API answers', async (context) => {
    const stage = openStage(context)
    const asks = async (relay: TestRelay, path: string): Promise<number> => {
      const response = await fetch(`${relay.url}/admin/api${path}`)
      await response.arrayBuffer()
      return response.status
    }
    // Tests beside this one use memory, too: the share is looked for at which requests are served.
    let [relay, isServed] = [await relayAt(0.84, stage), false]
    for (const share of [0.84, 0.8, 0.86]) {
      relay = await relayAt(share, stage)
      isServed = (await ask(relay, 'chat')).ok
      if (isServed) break
    }
    expect(isServed).toBe(true)
    for (const path of ['/usage/export', '/requests/export', '/accounts/export'])
      expect([path, await asks(relay, path)]).toEqual([path, 503])
    expect(await asks(relay, '/accounts')).toBe(401)

    const roomy = await relayAt(0.01, stage)
    expect(await asks(roomy, '/usage/export')).toBe(401)
  })

  test('with room enough connections are kept', async (context) => {
    const answer = await ask(await relayAt(0.01, openStage(context)), 'chat')
    expect(answer.headers.get('connection')).toBe('keep-alive')
    await answer.text()
  })
})
