import { expect, test } from 'vitest'

import { createMemoryGauge } from './memory-gauge.ts'

test.for([
  [79, 'roomy'],
  [80, 'tight'],
  [89, 'tight'],
  [90, 'full'],
  [120, 'full'],
] as const)('%i of 100 bytes are %s', ([used, level]) => {
  expect(createMemoryGauge({ limitBytes: 100, read: () => used, collect: () => undefined }).level()).toBe(level)
})

test('memory is read four times a second at most, and the door opens again', () => {
  let nowMs = 0
  let used = 95
  let reads = 0
  const gauge = createMemoryGauge({
    limitBytes: 100,
    now: () => nowMs,
    read: () => ((reads += 1), used),
    collect: () => undefined,
  })
  expect([gauge.level(), gauge.level(), reads]).toEqual(['full', 'full', 2])
  used = 10
  expect([gauge.level(), reads]).toEqual(['full', 2])
  nowMs = 250
  expect([gauge.level(), reads]).toEqual(['roomy', 3])
})

test('what nobody uses any more is given back before anybody is sent away, and not all the time', () => {
  let nowMs = 0
  let used = 95
  let collected = 0
  const collect = (): void => {
    collected += 1
    if (collected === 1) used = 20
  }
  const gauge = createMemoryGauge({ limitBytes: 100, now: () => nowMs, read: () => used, collect })
  expect([gauge.level(), collected]).toEqual(['roomy', 1])
  used = 85
  nowMs = 9_000
  expect([gauge.level(), collected]).toEqual(['tight', 1])
  nowMs = 10_000
  expect([gauge.level(), collected]).toEqual(['tight', 2])
})

test('bodies that are over do not count as used', () => {
  const held = process.memoryUsage().arrayBuffers
  for (let count = 0; count < 8; count += 1) Buffer.alloc(16 * 1024 * 1024)
  const readBodies = (): number => process.memoryUsage().arrayBuffers - held
  expect(createMemoryGauge({ limitBytes: 16 * 1024 * 1024, read: readBodies }).level()).toBe('roomy')
})

test('without a limit of its own a process has what the machine has', () => {
  expect(createMemoryGauge({ limitBytes: 0 }).level()).toBe('roomy')
})
