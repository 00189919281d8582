import { expect, test } from 'vitest'

import { compareLines } from './line-diff.ts'

test('the same text has no difference', () => {
  expect(compareLines('a\nb', 'a\nb')).toEqual([])
})

test('changed lines stand in their surroundings, the rest is a gap', () => {
  const before = Array.from({ length: 20 }, (_, index) => `line ${index}`)
  const after = before.with(10, 'another')
  const shown = compareLines(before.join('\n'), after.join('\n'))
  expect(shown[0]).toEqual({ kind: 'gap', count: 7 })
  expect(shown.filter(({ kind }) => kind !== 'same' && kind !== 'gap')).toEqual([
    { kind: 'removed', text: 'line 10' },
    { kind: 'added', text: 'another' },
  ])
  expect(shown.at(-1)).toEqual({ kind: 'gap', count: 6 })
})
