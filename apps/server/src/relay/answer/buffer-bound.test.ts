import { expect, test } from 'vitest'

import { type BufferedStream, relieve } from './buffer-bound.ts'

function stream(
  name: string,
  facts: { readonly bytes: number; readonly sinceMs?: number },
  ended: string[],
): BufferedStream {
  return {
    bufferedBytes: () => facts.bytes,
    stuckSinceMs: () => facts.sinceMs,
    giveUp: () => void ended.push(name),
  }
}

test('streams that fit go on', () => {
  const ended: string[] = []
  relieve([stream('a', { bytes: 60, sinceMs: 1 }, ended), stream('b', { bytes: 40, sinceMs: 2 }, ended)], 100)
  expect(ended).toEqual([])
})

test('the slowest end first, and no more of them than it takes', () => {
  const ended: string[] = []
  const streams = [
    stream('young', { bytes: 50, sinceMs: 9 }, ended),
    stream('oldest', { bytes: 30, sinceMs: 1 }, ended),
    stream('older', { bytes: 40, sinceMs: 5 }, ended),
    stream('empty', { bytes: 0, sinceMs: 0 }, ended),
    stream('quick', { bytes: 900 }, ended),
  ]
  relieve(streams, 60)
  expect(ended).toEqual(['oldest', 'older'])
})
