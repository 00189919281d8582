import { describe, expect, test } from 'vitest'

import { createFormats } from './formats.ts'

const english = createFormats('en-US')
const chinese = createFormats('zh-CN')

describe('cost', () => {
  test.for([
    { microUsd: 0, shown: '$0.00' },
    { microUsd: 1, shown: '$0.000001' },
    { microUsd: 3120, shown: '$0.0031' },
    { microUsd: 47_900, shown: '$0.048' },
    { microUsd: 1_250_000, shown: '$1.25' },
    { microUsd: 1_234_567_890, shown: '$1,234.57' },
  ])('$microUsd millionths of a dollar read $shown', ({ microUsd, shown }) => {
    expect(english.cost(microUsd)).toBe(shown)
  })
})

describe('duration', () => {
  test.for([
    { ms: 0, shown: '0ms' },
    { ms: 412, shown: '412ms' },
    { ms: 999.6, shown: '1s' },
    { ms: 4_233, shown: '4.23s' },
    { ms: 38_204, shown: '38.2s' },
    { ms: 59_960, shown: '1m 0s' },
    { ms: 125_400, shown: '2m 5s' },
    { ms: 3_599_600, shown: '1h 0m' },
    { ms: 26_704_000, shown: '7h 25m' },
  ])('$ms ms read $shown', ({ ms, shown }) => {
    expect(english.duration(ms)).toBe(shown)
  })

  test('another language has its own units', () => {
    expect(chinese.duration(4_233)).toBe('4.23秒')
  })
})

test('a rounded number has as many digits as a tile has room for', () => {
  expect([1_234, 10_368_000, 123_456_789].map((value) => english.compact(value))).toEqual(['1.2K', '10.4M', '123.5M'])
  expect([12_345, 8_421_000, 10_368_000].map((value) => chinese.compact(value))).toEqual(['1.2万', '842.1万', '1037万'])
})

test('the day is told only where it is not today', () => {
  const noon = new Date(2026, 10, 23, 12).getTime()
  expect(english.dayUnlessToday(noon - 3_600_000, noon)).toBeUndefined()
  expect(english.dayUnlessToday(noon - 86_400_000, noon)).toBe('Nov 22')
  expect(chinese.dayUnlessToday(noon - 86_400_000, noon)).toBe('11月22日')
})

test('the time of day has 24 hours', () => {
  expect(english.timeOfDay(new Date(2026, 10, 23, 0, 5, 9).getTime())).toBe('00:05:09')
  expect(english.timeOfDay(new Date(2026, 10, 23, 17, 5, 9).getTime())).toBe('17:05:09')
})
