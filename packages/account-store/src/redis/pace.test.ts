import { expect, test } from 'vitest'

import { createPace } from './pace.ts'

/** Answers that come after so many milliseconds of waiting, one after the other. */
function judge(...waits: readonly number[]): boolean {
  let idleMs = 0
  const pace = createPace(() => idleMs)
  for (const wait of waits) {
    const note = pace.begin()
    idleMs += wait
    note()
  }
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
])('answers after %o ms: too slow is %s', ([waits, isTooSlow]) => {
  expect(judge(...waits)).toBe(isTooSlow)
})

test('the time in which this process was busy itself does not count', () => {
  const pace = createPace()
  const note = pace.begin()
  const endMs = performance.now() + 750
  while (performance.now() < endMs);
  note()
  expect(pace.isTooSlow()).toBe(false)
})
