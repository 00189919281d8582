import { describe, expect, test } from 'vitest'

import { ask, canned, DIALECTS, readError, readStream, STORY } from './dialects.ts'
import { accountFor, openStage, type Stage, type TestRelay } from './harness.ts'

/** A limit of which this process uses about that share. */
function limitFor(share: number): number {
  const { heapUsed, external } = process.memoryUsage()
  return Math.round((heapUsed + external + 60 * 1024 * 1024) / share)
}

async function relayAt(share: number, stage: Stage): Promise<TestRelay> {
  const upstream = await stage.upstream(canned('chat').script)
  return stage.relay({ accounts: [accountFor(upstream, 'chat')], config: { memoryLimitBytes: limitFor(share) } })
}

/** The status of a part of the admin API, for somebody who is not signed in. */
async function statusOf({ url }: TestRelay, path: string): Promise<number> {
  const response = await fetch(`${url}/admin/api${path}`)
  await response.arrayBuffer()
  return response.status
}

const TRIES = 20

/**
 * What comes of work at a relay that uses between 80 and 90 % of its memory before and after it. Tests beside this one, and
 * the engine's own cleaning, change what is in use, so that it may take several relays.
 */
async function whileTight<Value>(stage: Stage, work: (relay: TestRelay) => Promise<Value>): Promise<Value> {
  for (let count = 0; count < TRIES; count += 1) {
    const relay = await relayAt(0.85, stage)
    const wasTight = await isTight(relay)
    const value = await work(relay)
    if (wasTight && (await isTight(relay))) return value
  }
  throw new Error(`none of ${TRIES} relays was as short of memory as it should be`)
}

/** Health answers whatever happens, and a look-up of the model API is refused when memory is shorter still. */
async function isTight({ url }: TestRelay): Promise<boolean> {
  const [health, models] = await Promise.all([fetch(`${url}/health`), fetch(`${url}/v1/models`)])
  await Promise.all([health.arrayBuffer(), models.arrayBuffer()])
  return health.headers.get('connection') === 'close' && models.status === 401
}

describe('when memory is short', () => {
  test.for(DIALECTS)('%s: new requests are refused for a moment, and health answers', async (dialect, context) => {
    const relay = await relayAt(50, openStage(context))

    const response = await ask(relay, dialect)

    expect(response.headers.get('retry-after')).toBe('1')
    expect((await readError(dialect, response)).status).toBe(503)
    const health = await fetch(`${relay.url}/health`)
    expect([health.status, health.headers.get('connection')]).toEqual([200, 'close'])
  })

  test('a step earlier connections are not kept, and requests are served', async (context) => {
    const answer = await whileTight(openStage(context), (relay) => ask(relay, 'chat'))
    expect(answer.headers.get('connection')).toBe('close')
    expect(readStream('chat', await answer.text())).toMatchObject({ text: STORY, isComplete: true })
  })

  test('a step earlier nothing is exported, and the rest of the admin API answers', async (context) => {
    const stage = openStage(context)
    const paths = ['/usage/export', '/requests/export', '/accounts/export', '/accounts']
    const statuses = await whileTight(stage, (relay) => Promise.all(paths.map((path) => statusOf(relay, path))))
    expect(statuses).toEqual([503, 503, 503, 401])

    const roomy = await relayAt(0.01, stage)
    expect(await statusOf(roomy, '/usage/export')).toBe(401)
  })

  test('with room enough connections are kept', async (context) => {
    const answer = await ask(await relayAt(0.01, openStage(context)), 'chat')
    expect(answer.headers.get('connection')).toBe('keep-alive')
    await answer.text()
  })
})
