import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { StoreError } from '../store-error.ts'
import { createUsageQueue } from './usage-queue.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('what arrives together is written together, within a quarter of a second', () => {
  const batches: (readonly number[])[] = []
  const queue = createUsageQueue<number>((batch) => batches.push(batch))
  queue.push(1)
  queue.push(2)
  expect(batches).toEqual([])
  vi.advanceTimersByTime(250)
  expect(batches).toEqual([[1, 2]])
  queue.push(3)
  vi.advanceTimersByTime(250)
  expect(batches).toEqual([[1, 2], [3]])
})

test('a batch that cannot be written stays, says why, and is tried again until it can', () => {
  const written: number[] = []
  let isFull = true
  const queue = createUsageQueue<number>((batch) => {
    if (isFull) throw new StoreError('store-full', 'no room is left on the disk')
    written.push(...batch)
  })
  queue.push(1)
  vi.advanceTimersByTime(5000)
  expect(queue.state()).toEqual({ waiting: 1, dropped: 0, lastError: 'no room is left on the disk' })
  expect(() => queue.flush()).toThrow('no room')
  isFull = false
  queue.push(2)
  vi.advanceTimersByTime(1000)
  expect(written).toEqual([1, 2])
  expect(queue.state()).toEqual({ waiting: 0, dropped: 0, lastError: undefined })
})

test('a long queue is written in pieces that do not hold up the process', () => {
  const sizes: number[] = []
  const queue = createUsageQueue<number>((batch) => sizes.push(batch.length))
  for (let index = 0; index < 1200; index += 1) queue.push(index)
  vi.advanceTimersByTime(250)
  expect(sizes).toEqual([500, 500, 200])
})

test('a full queue refuses and counts what it refused', () => {
  const queue = createUsageQueue<number>(() => {
    throw new StoreError('store-full', 'no room is left on the disk')
  })
  for (let index = 0; index < 10_000; index += 1) expect(queue.push(index)).toBe(true)
  expect(queue.push(10_000)).toBe(false)
  expect(queue.state()).toMatchObject({ waiting: 10_000, dropped: 1 })
})
