import { afterEach, expect, test } from 'vitest'

import { type FakeUpstream, sseReply, startFakeUpstream } from '../testing/index.ts'
import { createSender } from './create-sender.ts'
import { createNetworkGuard } from './network-guard.ts'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step()
})

const UPSTREAMS = 40
const BYTES = 512 * 1024
/** What dealing with 64 KB takes, in milliseconds. */
const WORK_MS = 2
/** Far more than a turn's share of such work, and far less than a read of each of them takes. */
const MAX_TURN_MS = 40

test('upstreams that pour take a small part of each turn, and all of their bytes arrive', async () => {
  const pouring = sseReply(Buffer.alloc(BYTES, 'data: 1\n\n'))
  const upstreams: FakeUpstream[] = []
  for (let count = 0; count < UPSTREAMS; count += 1) upstreams.push(await startFakeUpstream(pouring))
  const sender = createSender({ guard: createNetworkGuard({ allowLoopback: true }) })
  cleanUp.push(() => Promise.all(upstreams.map((upstream) => upstream.close())))
  cleanUp.push(() => sender.close())
  const turns = countWorkPerTurn()

  const received = await Promise.all(
    upstreams.map(({ url }, index) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      let bytes = 0
      const timeouts = { connectMs: 5000, headersMs: 5000, idleMs: 20_000, totalMs: 40_000 }
      const request = { poolKey: `account ${index}`, method: 'POST', url, headers: [], body: '{}', timeouts } as const
      sender.send(request, {
        onHeaders: () => undefined,
        onData: (chunk) => {
          bytes += chunk.length
          turns.work((WORK_MS * chunk.length) / 65_536)
        },
        onEnd: () => resolve(bytes),
        onFailure: ({ message }) => reject(new Error(message)),
      })
      return promise
    }),
  )

  expect(received).toEqual(upstreams.map(() => BYTES))
  expect(turns.longestMs()).toBeLessThan(MAX_TURN_MS)
})

/** Work as its own sum, not as the time that passes: other processes of this machine are none of it. */
function countWorkPerTurn(): { work(ms: number): void; longestMs(): number } {
  let longestMs = 0
  let turnMs = 0
  return {
    work: (ms) => {
      if (turnMs === 0) setImmediate(() => (turnMs = 0))
      turnMs += ms
      longestMs = Math.max(longestMs, turnMs)
      const until = performance.now() + ms
      while (performance.now() < until);
    },
    longestMs: () => longestMs,
  }
}
