import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { StoreError } from '../store-error.ts'
import { createUsageQueue } from './usage-queue.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('what arrives together is written together, within a quarter of a second', async () => {
  const batches: (readonly number[])[] = []
  const queue = createUsageQueue<number>({ write: (batch) => void batches.push(batch) })
  queue.push(1)
  queue.push(2)
  expect(batches).toEqual([])
  await vi.advanceTimersByTimeAsync(250)
  expect(batches).toEqual([[1, 2]])
  queue.push(3)
  await vi.advanceTimersByTimeAsync(250)
  expect(batches).toEqual([[1, 2], [3]])
})

test('a batch that cannot be written stays, says why, and is tried again until it can', async () => {
  const written: number[] = []
  let isFull = true
  const queue = createUsageQueue<number>({
    write: (batch) => {
      if (isFull) throw new StoreError('store-full', 'no room is left on the disk')
      written.push(...batch)
    },
  })
  queue.push(1)
  await vi.advanceTimersByTimeAsync(5000)
  expect(queue.state()).toEqual({ waiting: 1, dropped: 0, lastError: 'no room is left on the disk' })
  await expect(queue.flush()).rejects.toThrow('no room')
  isFull = false
  queue.push(2)
  await vi.advanceTimersByTimeAsync(1000)
  expect(written).toEqual([1, 2])
  expect(queue.state()).toEqual({ waiting: 0, dropped: 0, lastError: undefined })
})

test('a long queue is written in pieces that do not hold up the process', async () => {
  const sizes: number[] = []
  const queue = createUsageQueue<number>({ write: (batch) => void sizes.push(batch.length) })
  for (let index = 0; index < 1200; index += 1) queue.push(index)
  await vi.advanceTimersByTimeAsync(250)
  expect(sizes).toEqual([500, 500, 200])
})

test('a full queue refuses and counts what it refused', () => {
  const queue = createUsageQueue<number>({
    write: () => {
      throw new StoreError('store-full', 'no room is left on the disk')
    },
  })
  for (let index = 0; index < 10_000; index += 1) expect(queue.push(index)).toBe(true)
  expect(queue.push(10_000)).toBe(false)
  expect(queue.state()).toMatchObject({ waiting: 10_000, dropped: 1 })
})
