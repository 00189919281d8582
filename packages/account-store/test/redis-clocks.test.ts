import { afterEach, expect, test, vi } from 'vitest'

import { usageRecord } from '../src/conformance/stage.ts'
import { openRedisStore } from '../src/index.ts'
import { startRedisServer } from '../src/testing/index.ts'
import { needsRedis, PATIENT, SECRETS, standalone } from './redis-stage.ts'

const HOUR_MS = 3_600_000

afterEach(() => {
  vi.useRealTimers()
})

test.skipIf(needsRedis()).for([HOUR_MS, -HOUR_MS])(
  'a node whose clock is %i ms off takes no other node for dead, and is not taken for dead',
  async (offMs, { onTestFinished }) => {
    const server = await startRedisServer()
    onTestFinished(server.stop)
    const options = { connection: standalone(server), ...SECRETS, ...PATIENT }
    const right = await openRedisStore(options)
    right.noteRunning('right', () => usageRecord({ requestId: 'right' }))
    await right.flushUsage()

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offMs })
    const wrong = await openRedisStore(options)
    wrong.noteRunning('wrong', () => usageRecord({ requestId: 'wrong' }))
    await wrong.flushUsage()
    expect(await wrong.recordInterrupted()).toBe(0)

    vi.useRealTimers()
    expect(await right.recordInterrupted()).toBe(0)
    await Promise.all([right.close(), wrong.close()])
  },
)
