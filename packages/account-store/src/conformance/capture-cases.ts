import assert from 'node:assert/strict'

import type { CaptureInput } from '../capture.ts'
import { MAX_CAPTURE_CHARACTERS, MAX_CAPTURING_MS } from '../capture.ts'
import type { Stage, StoreCase } from './stage.ts'
import { expectCode } from './stage.ts'

const HOUR_MS = 3_600_000
const BODY = '{"request":"你好"}'

/** Captures of requests. */
export const CAPTURE_CASES: readonly StoreCase[] = [
  {
    name: 'nothing is captured unless somebody asked for it',
    play: async (stage) => {
      const { first, second } = stage
      const { relayKey } = await first.createRelayKey({ name: 'quiet' })
      assert.equal(await second.saveCapture(capture(relayKey.id)), false)
      assert.equal(await first.getCapture('request-1'), undefined)
      assert.deepEqual(await first.listCaptures(), [])
      assert.deepEqual(await first.listCapturing(), [])
    },
  },
  {
    name: 'a capture is found on every node, for its own key only',
    play: async (stage) => {
      const { second, clock } = stage
      const keyId = await startFor(stage)
      assert.equal(await second.saveCapture(capture(keyId)), true)
      const entry = { requestId: 'request-1', keyId, createdAt: clock.now(), expiresAt: clock.now() + HOUR_MS }
      const [found] = await stage.first.listCaptures(keyId)
      assert.deepEqual({ ...entry, bytes: found?.bytes }, found)
      assert.deepEqual(await stage.first.getCapture('request-1'), { ...found, body: BODY })
      assert.deepEqual(await stage.first.listCaptures('another key'), [])
      assert.equal(await second.saveCapture(capture('another key', { requestId: 'request-2' })), false)
    },
  },
  {
    name: 'capturing ends by itself: after its time, after its number, and when it is stopped',
    play: async (stage) => {
      const { first, second, clock } = stage
      const keyId = await startFor(stage, 2)
      const [running] = await second.listCapturing()
      assert.deepEqual(running, {
        keyId,
        startedAt: clock.now(),
        endsAt: clock.now() + HOUR_MS,
        startedBy: 'ada',
        remaining: 2,
      })
      assert.equal(await first.saveCapture(capture(keyId)), true)
      assert.equal(await first.saveCapture(capture(keyId)), false) // the same request again, not counted
      assert.equal(await second.saveCapture(capture(keyId, { requestId: 'request-2' })), true)
      assert.equal(await first.saveCapture(capture(keyId, { requestId: 'request-3' })), false)
      assert.deepEqual(await first.listCapturing(), [])

      await begin(stage, keyId, 5)
      clock.move(HOUR_MS)
      assert.equal(await first.saveCapture(capture(keyId, { requestId: 'request-4' })), false)
      assert.equal(await first.stopCapturing(keyId), false)

      await begin(stage, keyId, 5)
      assert.equal(await second.stopCapturing(keyId), true)
      assert.equal(await first.saveCapture(capture(keyId, { requestId: 'request-5' })), false)
    },
  },
  {
    name: 'of many captures at once no more are kept than were asked for',
    play: async (stage) => {
      const keyId = await startFor(stage, 3)
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, async (_, index) =>
          (index % 2 === 0 ? stage.first : stage.second).saveCapture(capture(keyId, { requestId: `request-${index}` })),
        ),
      )
      assert.equal(outcomes.filter((isKept) => isKept).length, 3)
      assert.equal((await stage.first.listCaptures()).length, 3)
    },
  },
  {
    name: 'a capture is gone when its time is over, and when it is removed',
    play: async (stage) => {
      const { first, second, clock } = stage
      const keyId = await startFor(stage)
      await first.saveCapture(capture(keyId, { ttlMs: 1000 }))
      await first.saveCapture(capture(keyId, { requestId: 'request-2' }))
      clock.move(1000)
      assert.equal(await second.getCapture('request-1'), undefined)
      assert.equal(await second.removeCapture('request-1'), false)
      assert.deepEqual(
        (await second.listCaptures()).map(({ requestId }) => requestId),
        ['request-2'],
      )
      assert.equal(await second.removeExpiredCaptures(), 1)
      assert.equal(await first.removeCapture('request-2'), true)
      assert.equal(await second.removeCapture('request-2'), false)
      assert.equal(await first.getCapture('request-2'), undefined)
    },
  },
  {
    name: 'what has no measure is refused',
    play: async (stage) => {
      const { first } = stage
      const keyId = await startFor(stage)
      const input = { keyId, durationMs: HOUR_MS, maxCaptures: 1, startedBy: 'ada' }
      await expectCode('not-found', first.startCapturing({ ...input, keyId: 'nobody' }))
      for (const wrong of [
        { durationMs: 0 },
        { durationMs: MAX_CAPTURING_MS + 1 },
        { maxCaptures: 0 },
        { startedBy: '' },
      ])
        await expectCode('invalid-input', first.startCapturing({ ...input, ...wrong }))
      for (const wrong of [{ ttlMs: 0 }, { requestId: '' }, { body: 'x'.repeat(MAX_CAPTURE_CHARACTERS + 1) }])
        await expectCode('invalid-input', first.saveCapture(capture(keyId, wrong)))
      assert.deepEqual(await first.listCaptures(), [])
    },
  },
]

function capture(keyId: string, changes: Partial<CaptureInput> = {}): CaptureInput {
  return { requestId: 'request-1', keyId, body: BODY, ttlMs: HOUR_MS, ...changes }
}

/** Begins capturing for a new key. */
async function startFor(stage: Stage, maxCaptures = 10): Promise<string> {
  const { relayKey } = await stage.first.createRelayKey({ name: 'watched' })
  await begin(stage, relayKey.id, maxCaptures)
  return relayKey.id
}

async function begin({ first }: Stage, keyId: string, maxCaptures: number): Promise<void> {
  await first.startCapturing({ keyId, durationMs: HOUR_MS, maxCaptures, startedBy: 'ada' })
}
