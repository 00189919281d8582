import { expect, test } from 'vitest'

import { createPace } from './pace.ts'

/** Answers that come after so many milliseconds of waiting, one after the other. */
async function judge(...waits: readonly number[]): Promise<boolean> {
  let idleMs = 0
  const pace = createPace(1000, () => idleMs)
  for (const wait of waits) await pace.measure(async () => void (idleMs += wait))
  return pace.isTooSlow()
}

test.for<[waits: readonly number[], isTooSlow: boolean]>([
  [[], false],
  [[399, 399, 399], false],
  [[500], false],
  [[500, 5, 500], false],
  [[500, 500], true],
  [[700], true],
  [[900, 900, 5], false],
])('answers after %o ms: too slow is %s', async ([waits, isTooSlow]) => {
  expect(await judge(...waits)).toBe(isTooSlow)
})

test('the time in which this process was busy itself does not count', async () => {
  const pace = createPace(1000)
  await pace.measure(async () => {
    const endMs = performance.now() + 750
    while (performance.now() < endMs);
  })
  expect(pace.isTooSlow()).toBe(false)
})

test('a failure is measured like an answer', async () => {
  let idleMs = 0
  const pace = createPace(1000, () => idleMs)
  const fail = async (waitMs: number): Promise<never> => {
    idleMs += waitMs
    throw new Error('away')
  }
  await expect(pace.measure(() => fail(1000))).rejects.toThrow('away')
  expect(pace.isTooSlow()).toBe(true)
  await expect(pace.measure(() => fail(0))).rejects.toThrow('away')
  expect(pace.isTooSlow()).toBe(false)
})
