import { expect, test } from 'vitest'

import { createRetryBudget } from './retry-budget.ts'

function spend(budget: ReturnType<typeof createRetryBudget>): number {
  let taken = 0
  while (budget.take()) taken += 1
  return taken
}

test('a quiet relay may retry ten times', () => {
  expect(spend(createRetryBudget(() => 0))).toBe(10)
})

test('a fifth of the requests of the last ten seconds may be retried on top', () => {
  let nowMs = 0
  const budget = createRetryBudget(() => nowMs)
  for (let count = 0; count < 100; count += 1) {
    budget.noteRequest()
    nowMs += 50
  }
  expect(spend(budget)).toBe(30)
  nowMs += 5_000
  expect(spend(budget)).toBe(0) // the retries of this window are spent, although half of the requests are forgotten
  nowMs += 10_000
  expect(spend(budget)).toBe(10)
})
