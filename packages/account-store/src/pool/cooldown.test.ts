import { expect, test } from 'vitest'

import type { AccountState, Cooldown } from '../account.ts'
import { cooldownMs, runningCooldown } from './cooldown.ts'

test.for([
  [1, 2000],
  [2, 4000],
  [6, 64_000],
  [7, 120_000],
  [1000, 120_000],
] as const)('strike %i rests for %i ms, give or take a fifth', ([strikes, ms]) => {
  expect(cooldownMs('server-error', strikes, 0.5)).toBe(ms)
  expect(cooldownMs('server-error', strikes, 0)).toBe(ms * 0.8)
  expect(cooldownMs('server-error', strikes, 1)).toBe(ms * 1.2)
})

test('a rate limit without a time rests for 30 s however often it comes', () => {
  expect(cooldownMs('rate-limited', 1, 0)).toBe(30_000)
  expect(cooldownMs('rate-limited', 9, 0.99)).toBe(30_000)
})

test('the cooldown that ends last is the one that counts', () => {
  const state = stateWith([cooldown('gpt', 5000), cooldown('*', 9000), cooldown('other', 20_000)])
  expect(runningCooldown(state, 'gpt', 1000)?.endsAt).toBe(9000)
  expect(runningCooldown(state, 'third', 1000)?.endsAt).toBe(9000)
  expect(runningCooldown(state, 'gpt', 9000)).toBeUndefined()
  expect(runningCooldown(state, 'other', 9000)?.endsAt).toBe(20_000)
})

test('a cooldown that starts in the future is over, one from a clock slightly ahead is not', () => {
  const state = stateWith([cooldown('gpt', 9000)])
  expect(runningCooldown(state, 'gpt', -5001)).toBeUndefined()
  expect(runningCooldown(state, 'gpt', -4000)?.endsAt).toBe(9000)
})

function cooldown(model: string, endsAt: number): Cooldown {
  return { model, cause: 'timeout', strikes: 1, startedAt: 0, endsAt }
}

function stateWith(cooldowns: readonly Cooldown[]): AccountState {
  return {
    lastSuccessAt: undefined,
    lastError: undefined,
    attention: undefined,
    cooldowns,
    quota: undefined,
    refusedParameters: [],
  }
}
