import type { UsageSums } from '@relay/account-store'
import { expect, test } from 'vitest'

import { formatCost, toRow } from './usage-sum.ts'

const SUMS: UsageSums = {
  requests: 2,
  tokens: {
    inputTokens: 10,
    cacheReadTokens: 3,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    cacheWriteOtherTokens: 0,
    outputTokens: 20,
    reasoningTokens: 0,
  },
  costMicroUsd: 0,
  requestsFailed: 0,
  requestsWithLosses: 0,
  requestsWithoutUsage: 0,
  requestsWithoutCost: 0,
  requestsEstimated: 0,
}

function write(requests: number, requestsWithoutCost: number, costMicroUsd: number): string {
  return formatCost({ requests, requestsWithoutCost, costMicroUsd })
}

function tokensOf(sums: UsageSums): readonly string[] {
  return toRow({ startsAt: undefined, group: undefined, groupName: undefined, sums }).slice(4, 7)
}

test('a sum of unknown costs is unknown, never 0, and one of some is said to be more', () => {
  const written = [write(4, 4, 0), write(4, 1, 2_500_000), write(4, 0, 0), write(0, 0, 0)]
  expect(written).toEqual(['unknown', '$2.50 +', '$0.00', '$0.00'])
})

test('a sum that holds estimates is marked', () => {
  expect(tokensOf(SUMS)).toEqual(['10', '3', '20'])
  expect(tokensOf({ ...SUMS, requestsEstimated: 1 })).toEqual(['≈10', '3', '≈20'])
})

test('a span is named as the calendar of its zone names it', () => {
  const line = { startsAt: Date.UTC(2026, 10, 30, 16), group: undefined, groupName: undefined, sums: SUMS }
  const named = (['month', 'day', 'hour'] as const).map((span) => toRow(line, { span, timeZone: 'Asia/Shanghai' })[0])
  expect(named).toEqual(['2026-12', '2026-12-01', '2026-12-01T00:00'])
  expect(toRow(line, { span: 'day' })[0]).toBe('2026-11-30')
})
