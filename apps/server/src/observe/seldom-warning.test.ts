import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { createSeldomWarning } from './seldom-warning.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what goes wrong with every request is warned of at once, and then every ten seconds with the number in between', () => {
  const lines: unknown[] = []
  const warn = createSeldomWarning({ warn: (fields, message) => lines.push({ ...fields, message }) }, 'not noted')
  for (const error of ['a', 'b', 'c']) warn(error)
  expect(lines).toEqual([{ error: 'a', message: 'not noted' }])
  vi.advanceTimersByTime(10_000)
  for (const error of ['d', 'e']) warn(error)
  expect(lines.slice(1)).toEqual([{ error: 'd', unsaid: 2, message: 'not noted' }])
})
