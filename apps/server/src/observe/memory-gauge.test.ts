import { expect, test } from 'vitest'

import { createMemoryGauge } from './memory-gauge.ts'

test.for([
  [79, 'roomy'],
  [80, 'tight'],
  [89, 'tight'],
  [90, 'full'],
  [120, 'full'],
] as const)('%i of 100 bytes are %s', ([used, level]) => {
  expect(createMemoryGauge({ limitBytes: 100, read: () => used }).level()).toBe(level)
})

test('memory is read four times a second at most, and the door opens again', () => {
  let nowMs = 0
  let used = 95
  let reads = 0
  const gauge = createMemoryGauge({ limitBytes: 100, now: () => nowMs, read: () => ((reads += 1), used) })
  expect([gauge.level(), gauge.level()]).toEqual(['full', 'full'])
  used = 10
  expect([gauge.level(), reads]).toEqual(['full', 1])
  nowMs = 250
  expect([gauge.level(), reads]).toEqual(['roomy', 2])
})

test('without a limit of its own a process has what the machine has', () => {
  expect(createMemoryGauge({ limitBytes: 0 }).level()).toBe('roomy')
})
