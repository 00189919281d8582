import { expect, test } from 'vitest'

import { shownLabels, valueTicks } from './ticks.ts'

test.for([
  { most: 7, ticks: [0, 2, 4, 6, 8] },
  { most: 100, ticks: [0, 25, 50, 75, 100] },
  { most: 0.0042, ticks: [0, 0.002, 0.004, 0.006] },
  { most: 0, ticks: [0] },
  { most: Number.NaN, ticks: [0] },
  { most: 1_234_567, ticks: [0, 500_000, 1_000_000, 1_500_000] },
])('an axis for up to $most has round steps', ({ most, ticks }) => {
  expect(valueTicks(most)).toEqual(ticks)
})

test('an axis of counts has no fractions', () => {
  expect(valueTicks(2, { isWhole: true })).toEqual([0, 1, 2])
  expect(valueTicks(1, { isWhole: true })).toEqual([0, 1])
})

test('labels keep their distance, and the first is always there', () => {
  expect(shownLabels(24, 6)).toEqual([0, 4, 8, 12, 16, 20])
  expect(shownLabels(3, 10)).toEqual([0, 1, 2])
  expect(shownLabels(0, 5)).toEqual([])
})
