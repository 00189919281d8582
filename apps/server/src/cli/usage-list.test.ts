import { expect, it } from 'vitest'

import { formatTokens } from './usage-list.ts'

it('marks counts that were estimated, and invents none', () => {
  expect(formatTokens(0, 'reported')).toBe('0')
  expect(formatTokens(23, 'reported')).toBe('23')
  expect(formatTokens(23, 'estimated')).toBe('≈23')
  expect(formatTokens(undefined, 'missing')).toBe('?')
})
