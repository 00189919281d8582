import { expect, test } from 'vitest'

import { edgesOf, intoSpans, namedRange, readRange, spanOf } from './time-range.ts'

const NOW = new Date(2026, 10, 28, 14, 37, 20).getTime()
const read = (query: string) => readRange(new URLSearchParams(query), { now: NOW, fallback: 'today' })

test('an address names a range, or its ends; nonsense falls back', () => {
  expect(read('range=7d')).toMatchObject({ name: '7d', from: new Date(2026, 10, 22).getTime() })
  expect(read('from=1000&before=2000')).toEqual({ name: 'custom', from: 1000, before: 2000 })
  for (const nonsense of ['range=8d', 'from=5&before=4', 'from=x&before=9', 'from=1e999&before=2', 'from=-1&before=9'])
    expect(read(nonsense).name).toBe('today')
})

function cut(name: Parameters<typeof namedRange>[0]) {
  const range = namedRange(name, NOW)
  const span = spanOf(range)
  return [span, edgesOf(range, span).length - 1]
}

test('a range is cut into as many spans as can be read', () => {
  expect(cut('hour')).toEqual(['minute', 60])
  expect(cut('today')).toEqual(['hour', 15])
  expect(cut('7d')).toEqual(['day', 7])
  expect(cut('30d')).toEqual(['day', 30])
})

test('lines find their spans', () => {
  const spans = intoSpans([0, 10, 20], [{ startsAt: 0 }, { startsAt: 10 }, { startsAt: 19 }, { startsAt: 30 }, {}])
  expect(spans).toEqual([[{ startsAt: 0 }], [{ startsAt: 10 }, { startsAt: 19 }]])
})
