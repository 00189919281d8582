import assert from 'node:assert/strict'

import type { PlaceInput } from '../place.ts'
import type { StoreCase } from './stage.ts'
import { expectCode } from './stage.ts'

const MINUTE_MS = 60_000

/** Where things go on. */
export const PLACE_CASES: readonly StoreCase[] = [
  {
    name: 'where something goes on is known to every node, by its kind and name, until its time is over',
    play: async ({ first, second, clock }) => {
      await first.rememberPlace(place())
      const known = await second.findPlace('session', 'key-1 a conversation')
      assert.deepEqual(known, { keyId: 'key-1', accountId: 'account-1', endsAt: clock.now() + MINUTE_MS })
      assert.equal(await second.findPlace('thread', 'key-1 a conversation'), undefined)
      assert.equal(await second.findPlace('session', 'key-1 another'), undefined)
      clock.move(MINUTE_MS)
      assert.equal(await second.findPlace('session', 'key-1 a conversation'), undefined)
    },
  },
  {
    name: 'the last word on where something goes on counts, and takes its time anew; it can be forgotten',
    play: async ({ first, second, clock }) => {
      await first.rememberPlace(place())
      clock.move(MINUTE_MS / 2)
      await second.rememberPlace(place({ accountId: 'account-2' }))
      clock.move(MINUTE_MS / 2)
      assert.equal((await first.findPlace('session', 'key-1 a conversation'))?.accountId, 'account-2')
      await first.forgetPlace('session', 'key-1 a conversation')
      assert.equal(await second.findPlace('session', 'key-1 a conversation'), undefined)
    },
  },
  {
    name: 'places whose time is over are taken away, the others stay',
    play: async ({ first, second, clock }) => {
      await first.rememberPlace(place())
      await first.rememberPlace(place({ kind: 'thread', ttlMs: 2 * MINUTE_MS }))
      clock.move(MINUTE_MS)
      await second.removeExpiredPlaces()
      assert.equal(await second.removeExpiredPlaces(), 0)
      assert.equal(await first.findPlace('session', 'key-1 a conversation'), undefined)
      assert.notEqual(await first.findPlace('thread', 'key-1 a conversation'), undefined)
    },
  },
  {
    name: 'a place without an account, or without an end, is refused',
    play: async ({ first }) => {
      await expectCode('invalid-input', first.rememberPlace(place({ accountId: '' })))
      await expectCode('invalid-input', first.rememberPlace(place({ ttlMs: 0 })))
      await expectCode('invalid-input', first.rememberPlace(place({ ttlMs: Infinity })))
    },
  },
]

function place(changes: Partial<PlaceInput> = {}): PlaceInput {
  const names = { name: 'key-1 a conversation', keyId: 'key-1', accountId: 'account-1' }
  return { kind: 'session', ...names, ttlMs: MINUTE_MS, ...changes }
}
