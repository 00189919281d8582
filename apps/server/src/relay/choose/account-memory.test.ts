import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Place, PlaceInput } from '@relay/account-store'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createLog } from '../../observe/log.ts'
import { type AccountMemory, createAccountMemory } from './account-memory.ts'

const TTL_MS = 60_000
const HOLDER = { keyId: 'key', accountId: 'first' }

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** A store of places that can go away, and what was asked of it. */
function openStage() {
  const places = new Map<string, Place>()
  const told: PlaceInput[] = []
  const facts = { isAway: false, reads: 0 }
  const answer = async <Value>(work: () => Value): Promise<Value> => {
    if (facts.isAway) throw new Error('the store is away')
    return work()
  }
  const store = {
    rememberPlace: (place: PlaceInput) =>
      answer(() => {
        told.push(place)
        places.set(place.name, { ...place, endsAt: Date.now() + place.ttlMs })
      }),
    findPlace: (_kind: unknown, name: string) =>
      answer(() => {
        facts.reads += 1
        return places.get(name)
      }),
    forgetPlace: (_kind: unknown, name: string) => answer(() => void places.delete(name)),
  }
  const log = createLog({ level: 'error', destination: { write: () => undefined } })
  const open = (freshMs?: number): AccountMemory =>
    createAccountMemory({ store, log }, { kind: 'session', ttlMs: TTL_MS, ...(freshMs !== undefined && { freshMs }) })
  return { told, facts, open }
}

test('what one node knows another finds with one read, and then knows it, too', async () => {
  const { facts, open } = openStage()
  open().remember('talk', HOLDER)
  const other = open()
  expect(other.find('talk')).toBeUndefined()
  await other.recall('talk')
  await other.recall('talk')
  expect(other.find('talk')).toMatchObject(HOLDER)
  expect(facts.reads).toBe(1)
  vi.setSystemTime(Date.now() + TTL_MS + 1)
  expect(other.find('talk')).toBeUndefined()
})

test('a node that knew a session long ago asks whether another one has moved it', async () => {
  const { facts, open } = openStage()
  const [memory, other] = [open(10_000), open(10_000)]
  memory.remember('talk', HOLDER)
  await other.recall('talk')
  other.remember('talk', { ...HOLDER, accountId: 'second' })

  await memory.recall('talk')
  expect([memory.find('talk')?.accountId, facts.reads]).toEqual(['first', 1]) // not so soon
  vi.setSystemTime(Date.now() + 10_000)
  await Promise.all([memory.recall('talk'), memory.recall('talk')])
  expect([memory.find('talk')?.accountId, facts.reads]).toEqual(['second', 2])
})

test('what the others have not been told is not overruled by what they know', async () => {
  const { facts, open } = openStage()
  const memory = open(10_000)
  memory.remember('talk', HOLDER)
  facts.isAway = true
  memory.remember('talk', { ...HOLDER, accountId: 'second' })
  await nextTurn()
  facts.isAway = false
  vi.setSystemTime(Date.now() + 10_000)
  await memory.recall('talk')
  expect(memory.find('talk')?.accountId).toBe('second')
  expect(facts.reads).toBe(0)
})

test('the others are told when it moves, and when half of its time is over', () => {
  const { told, open } = openStage()
  const memory = open()
  memory.remember('talk', HOLDER)
  memory.remember('talk', HOLDER)
  expect(told).toHaveLength(1)
  memory.remember('talk', { ...HOLDER, accountId: 'second' })
  expect(told.map(({ accountId }) => accountId)).toEqual(['first', 'second'])
  vi.setSystemTime(Date.now() + TTL_MS / 2 + 1)
  memory.remember('talk', { ...HOLDER, accountId: 'second' })
  memory.remember('talk', { ...HOLDER, accountId: 'second' })
  expect(told).toHaveLength(3)
})

test('while the store is away a process goes by what it knows, and tells the others later', async () => {
  const { facts, told, open } = openStage()
  facts.isAway = true
  const memory = open()
  await memory.recall('talk')
  memory.remember('talk', HOLDER)
  memory.forget('another')
  expect(memory.find('talk')).toMatchObject(HOLDER)
  await vi.waitFor(() => {
    facts.isAway = false
    memory.remember('talk', HOLDER)
    expect(told).toHaveLength(1)
  })
})

test('what is forgotten is forgotten on every node that has not heard of it', async () => {
  const { open } = openStage()
  const memory = open()
  memory.remember('talk', HOLDER)
  memory.forget('talk')
  const other = open()
  await other.recall('talk')
  expect([memory.find('talk'), other.find('talk')]).toEqual([undefined, undefined])
})
