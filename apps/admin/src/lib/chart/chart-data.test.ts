import { expect, test } from 'vitest'

import { barPieces, highestValue, linePath } from './chart-data.ts'

const data = {
  edges: [0, 1, 2, 3],
  series: [
    { id: 'a', label: 'a', colour: 'red', values: [1, undefined, 3] },
    { id: 'b', label: 'b', colour: 'blue', values: [2, 5, 0] },
  ],
}

test('a stacked axis reaches the largest sum, any other the largest value', () => {
  expect(highestValue(data, true)).toBe(5)
  expect(highestValue({ ...data, series: data.series.slice(0, 1) }, true)).toBe(3)
  expect(highestValue(data, false)).toBe(5)
  expect(highestValue({ edges: [], series: [] }, true)).toBe(0)
})

test('pieces of a bar lie on each other; what is 0 or unknown has none', () => {
  expect(barPieces(data, 0, 10)).toEqual([
    { id: 'a', colour: 'red', start: 0, length: 0.1 },
    { id: 'b', colour: 'blue', start: 0.1, length: 0.2 },
  ])
  expect(barPieces(data, 1, 10).map(({ id }) => id)).toEqual(['b'])
  expect(barPieces(data, 2, 10).map(({ id }) => id)).toEqual(['a'])
})

test('a line is lifted where nothing is known', () => {
  const place = { x: (index: number) => index, y: (value: number) => value }
  expect(linePath([1, 2, undefined, 4], place)).toBe('M0.0 1.0L1.0 2.0M3.0 4.0')
})
