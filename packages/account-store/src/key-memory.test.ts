import { expect, test } from 'vitest'

import { createKeyMemory } from './key-memory.ts'
import { toRelayKeySettings } from './relay-key-settings.ts'
import type { RelayKey } from './relay-key.ts'

const MAX_KEYS = 100

test('beyond its bound one key is forgotten for each that comes, the oldest first', () => {
  const { memory, find } = fill(MAX_KEYS + 30)
  expect(find(29)).toBeUndefined()
  for (const index of [30, MAX_KEYS + 29]) expect(find(index)?.relayKey.id).toBe(`key-${index}`)
  memory.remember(slot(30), { relayKey: relayKey(30) })
  expect(find(31), 'a key that is there already takes nobody’s place').toBeDefined()
})

test('keys that changed are forgotten, and others with them only when nobody knows which', () => {
  const { memory, find } = fill(MAX_KEYS)
  memory.forget(new Set(['key-7', 'key-8']))
  expect([6, 7, 8, 9].map((index) => find(index) !== undefined)).toEqual([true, false, false, true])
  for (let index = 0; index < MAX_KEYS * 3; index += 1) memory.remember(slot(index), { relayKey: relayKey(index) })
  expect(find(MAX_KEYS * 2 - 1)).toBeUndefined()
  expect(find(MAX_KEYS * 2)).toBeDefined()
  memory.forget('all')
  expect(find(MAX_KEYS * 3 - 1)).toBeUndefined()
  memory.remember(slot(1), { relayKey: relayKey(1) })
  expect(find(1)).toBeDefined()
})

type Memory = ReturnType<typeof createKeyMemory<{ readonly relayKey: RelayKey }>>

function fill(count: number) {
  const memory: Memory = createKeyMemory(MAX_KEYS)
  for (let index = 0; index < count; index += 1) memory.remember(slot(index), { relayKey: relayKey(index) })
  return { memory, find: (index: number) => memory.recall(slot(index)) }
}

function slot(index: number): string {
  return `slot-${index}`
}

function relayKey(index: number): RelayKey {
  const facts = { id: `key-${index}`, managedBy: 'operator', secretLastFour: '', createdAt: 0, updatedAt: 0 } as const
  const unknown = { oldSecretEndsAt: undefined, revokedAt: undefined, lastUsedAt: undefined, firstUsedAt: undefined }
  return { ...toRelayKeySettings({ name: 'key' }), ...facts, ...unknown }
}
