import assert from 'node:assert/strict'

import type { ResponseInput } from '../stored-response.ts'
import { MAX_RESPONSE_CHARACTERS } from '../stored-response.ts'
import type { Stage, StoreCase } from './stage.ts'
import { expectCode, soon } from './stage.ts'

const HOUR_MS = 3_600_000
const RESPONSE = {
  id: 'resp_1',
  body: '{"output":["你好"]}',
  itemIds: ['msg_1', 'fc_1'],
  ttlMs: HOUR_MS,
  maxKeyBytes: 1_000_000,
} as const

/** Kept responses. */
export const RESPONSE_CASES: readonly StoreCase[] = [
  {
    name: 'a response is found by its id and by its items, on every node',
    play: async (stage) => {
      const { second, clock } = stage
      const keyId = await save(stage)
      const found = await second.findResponse({ keyId, id: 'resp_1' })
      assert.deepEqual(found, {
        keyId,
        id: 'resp_1',
        body: RESPONSE.body,
        createdAt: clock.now(),
        expiresAt: clock.now() + HOUR_MS,
      })
      assert.deepEqual(await second.findResponseOfItem(keyId, 'fc_1'), found)
      assert.equal(await second.findResponse({ keyId, id: 'resp_2' }), undefined)
      assert.equal(await second.findResponseOfItem(keyId, 'msg_2'), undefined)
    },
  },
  {
    name: 'a response is there for no other key, neither to read nor to remove',
    play: async (stage) => {
      const { first } = stage
      const keyId = await save(stage)
      const { relayKey } = await first.createRelayKey({ name: 'other' })
      const place = { keyId: relayKey.id, id: 'resp_1' }
      assert.equal(await first.findResponse(place), undefined)
      assert.equal(await first.findResponseOfItem(relayKey.id, 'msg_1'), undefined)
      assert.equal(await first.removeResponse(place), false)
      assert.notEqual(await first.findResponse({ keyId, id: 'resp_1' }), undefined)
    },
  },
  {
    name: 'two keys can have responses of the same id',
    play: async (stage) => {
      const { first } = stage
      const keyId = await save(stage)
      const { relayKey } = await first.createRelayKey({ name: 'other' })
      await first.saveResponse({ ...RESPONSE, keyId: relayKey.id, body: 'of the other' })
      assert.equal((await first.findResponse({ keyId, id: 'resp_1' }))?.body, RESPONSE.body)
      assert.equal((await first.findResponse({ keyId: relayKey.id, id: 'resp_1' }))?.body, 'of the other')
    },
  },
  {
    name: 'a removed response is gone with its items',
    play: async (stage) => {
      const { first, second } = stage
      const keyId = await save(stage)
      assert.equal(await second.removeResponse({ keyId, id: 'resp_1' }), true)
      assert.equal(await first.removeResponse({ keyId, id: 'resp_1' }), false)
      assert.equal(await first.findResponse({ keyId, id: 'resp_1' }), undefined)
      assert.equal(await first.findResponseOfItem(keyId, 'msg_1'), undefined)
    },
  },
  {
    name: 'a response is not found once its time is over, and then it is taken off the disk',
    play: async (stage) => {
      const { first, clock } = stage
      const keyId = await save(stage)
      await save(stage, { keyId, id: 'resp_2', ttlMs: 2 * HOUR_MS })
      clock.move(HOUR_MS - 1)
      assert.notEqual(await first.findResponse({ keyId, id: 'resp_1' }), undefined)
      assert.equal(await first.removeExpiredResponses(), 0)
      clock.move(1)
      assert.equal(await first.findResponse({ keyId, id: 'resp_1' }), undefined)
      assert.equal((await first.findResponseOfItem(keyId, 'msg_1'))?.id, 'resp_2')
      assert.equal(await first.removeResponse({ keyId, id: 'resp_1' }), false)
      await save(stage, { keyId, id: 'resp_3', ttlMs: 1 })
      clock.move(1)
      assert.equal(await first.removeExpiredResponses(), 1)
      assert.notEqual(await first.findResponse({ keyId, id: 'resp_2' }), undefined)
    },
  },
  {
    name: 'saving a response again replaces it',
    play: async (stage) => {
      const { first } = stage
      const keyId = await save(stage)
      await save(stage, { keyId, body: 'newer', itemIds: ['msg_9', 'msg_9'] })
      assert.equal((await first.findResponse({ keyId, id: 'resp_1' }))?.body, 'newer')
      assert.equal(await first.findResponseOfItem(keyId, 'msg_1'), undefined)
      assert.equal((await first.findResponseOfItem(keyId, 'msg_9'))?.body, 'newer')
    },
  },
  {
    name: 'a key that keeps too much loses its oldest responses, and no other key does',
    play: async (stage) => {
      const { first } = stage
      const body = 'x'.repeat(10_000)
      const keyId = await save(stage, { body })
      const { relayKey } = await first.createRelayKey({ name: 'other' })
      await first.saveResponse({ ...RESPONSE, keyId: relayKey.id, body })
      for (const id of ['resp_2', 'resp_3', 'resp_4']) await save(stage, { keyId, id, body, maxKeyBytes: 30_000 })
      const ids = ['resp_1', 'resp_2', 'resp_3', 'resp_4']
      const found = await Promise.all(ids.map((id) => first.findResponse({ keyId, id })))
      assert.deepEqual(
        found.map((response) => response?.id),
        [undefined, undefined, 'resp_3', 'resp_4'],
      )
      assert.notEqual(await first.findResponse({ keyId: relayKey.id, id: 'resp_1' }), undefined)
    },
  },
  {
    name: 'a key that may keep responses for less time, or no longer at all, loses those it has',
    play: async (stage) => {
      const { first, second, clock } = stage
      const keyId = await save(stage)
      const isKept = async (): Promise<boolean> => (await second.findResponse({ keyId, id: 'resp_1' })) !== undefined
      await first.updateRelayKey(keyId, { responseTtlMs: HOUR_MS / 2 })
      assert.equal(await isKept(), true)
      clock.move(HOUR_MS / 2)
      assert.equal(await isKept(), false)
      await save(stage, { keyId })
      await first.updateRelayKey(keyId, { responseTtlMs: 0 })
      await soon(async () => !(await isKept()))
      assert.equal(await first.removeExpiredResponses(), 1)
    },
  },
  {
    name: 'what cannot be kept is refused, with nothing kept of it',
    play: async (stage) => {
      const { first } = stage
      const keyId = await save(stage)
      const tooLong = 'x'.repeat(MAX_RESPONSE_CHARACTERS + 1)
      for (const wrong of [{ body: tooLong }, { ttlMs: 0 }, { id: '' }, { maxKeyBytes: 0 }, { itemIds: [''] }])
        await expectCode('invalid-input', first.saveResponse({ ...RESPONSE, keyId, ...wrong }))
      await expectCode('not-found', first.saveResponse({ ...RESPONSE, keyId: 'nobody' }))
      assert.equal((await first.findResponse({ keyId, id: 'resp_1' }))?.body, RESPONSE.body)
      assert.equal(await first.findResponse({ keyId: 'nobody', id: 'resp_1' }), undefined)
    },
  },
]

/** Saves a response, for a key of its own unless one is named. */
async function save({ first }: Stage, changes: Partial<ResponseInput> = {}): Promise<string> {
  const keyId = changes.keyId ?? (await first.createRelayKey({ name: 'keeper', responseTtlMs: HOUR_MS })).relayKey.id
  await first.saveResponse({ ...RESPONSE, ...changes, keyId })
  return keyId
}
