import { expect, test } from 'vitest'

import { CONVERTIBLE } from '#lib/inspector/formats.ts'

import { matrixRows } from './rows.ts'

const KINDS = ['requests', 'answers', 'streams'] as const

test.for(CONVERTIBLE)('every field of %s says what becomes of it', (from) => {
  for (const kind of KINDS) {
    const rows = matrixRows(from, kind, CONVERTIBLE)
    expect(rows.length).toBeGreaterThan(20)
    const outcomes = new Set(rows.flatMap(({ to }) => to.map(({ measured }) => measured?.outcome)))
    for (const outcome of outcomes)
      expect(['kept', 'equivalent', 'degraded', 'lost', 'refused', undefined]).toContain(outcome)
    expect(rows.every(({ to }) => to.length === CONVERTIBLE.length - 1)).toBe(true)
  }
})
