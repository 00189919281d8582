import { expect, test } from 'vitest'

import { formatCost } from './usage-sum.ts'

function write(requests: number, requestsWithoutCost: number, costMicroUsd: number): string {
  return formatCost({ requests, requestsWithoutCost, costMicroUsd })
}

test('a sum of unknown costs is unknown, never 0, and one of some is said to be more', () => {
  const written = [write(4, 4, 0), write(4, 1, 2_500_000), write(4, 0, 0), write(0, 0, 0)]
  expect(written).toEqual(['unknown', '$2.50 +', '$0.00', '$0.00'])
})
