import { createRequire } from 'node:module'

import { expect, test } from 'vitest'

import type { PricedRequest } from './price-book.ts'
import { createPriceBook, MAX_ESTIMATE_MICRO_USD } from './price-book.ts'
import { readOverrides } from './price-overrides.ts'
import { TABLE_SOURCE } from './price-table.ts'

const AT = Date.UTC(2026, 10, 28)
const ANTHROPIC = { name: 'console', baseUrl: 'https://api.anthropic.com', isDemo: false }
const ELSEWHERE = { name: 'elsewhere', baseUrl: 'http://127.0.0.1:4000', isDemo: false }
const NOTHING = {
  inputTokens: undefined,
  cacheReadTokens: undefined,
  cacheWrite5mTokens: undefined,
  cacheWrite1hTokens: undefined,
  cacheWriteOtherTokens: undefined,
  outputTokens: undefined,
  reasoningTokens: undefined,
}

function request(
  tokens: Partial<PricedRequest['tokens']>,
  changes: Partial<Omit<PricedRequest, 'tokens'>> = {},
): PricedRequest {
  return {
    account: ANTHROPIC,
    models: ['claude-sonnet-4-5-20250929'],
    at: AT,
    ...changes,
    tokens: { ...NOTHING, ...tokens },
  }
}

function bookWith(overrides: unknown): ReturnType<typeof createPriceBook> {
  const read = readOverrides(overrides)
  if (!read.ok) throw new Error(read.mistakes.join('; '))
  const book = createPriceBook()
  book.setOverrides(read.overrides)
  return book
}

test('the version and date that are shown are those of the table that is installed', () => {
  const installed: unknown = createRequire(import.meta.url)(
    createRequire(import.meta.url)
      .resolve('@pydantic/genai-prices')
      .replace(/dist.*/, 'package.json'),
  )
  expect(installed).toMatchObject({ version: TABLE_SOURCE.version })
  expect(createPriceBook().sources().table).toEqual(TABLE_SOURCE)
})

test('each kind of token has its own price, and the sum is exact', () => {
  const tokens = {
    inputTokens: 7,
    cacheReadTokens: 11,
    cacheWrite5mTokens: 13,
    cacheWrite1hTokens: 17,
    outputTokens: 19,
  }
  // 7 × 3 + 11 × 0.3 + 13 × 3.75 + 17 × 6 + 19 × 15 = 460.05
  expect(createPriceBook().costOf(request(tokens))).toEqual({ costMicroUsd: 460, costSource: 'computed' })
  const many = { inputTokens: 100_000_000, outputTokens: 0 }
  expect(createPriceBook().costOf(request(many, { models: ['claude-opus-4-5'] })).costMicroUsd).toBe(500_000_000)
})

test('a long prompt changes the price of the whole request', () => {
  const book = createPriceBook()
  const short = request({ inputTokens: 200_000, outputTokens: 1000 })
  expect(book.costOf(short).costMicroUsd).toBe(200_000 * 3 + 1000 * 15)
  const long = request({ inputTokens: 1, cacheReadTokens: 200_000, outputTokens: 1000 })
  expect(book.costOf(long).costMicroUsd).toBe(6 + 200_000 * 0.6 + 22_500)
})

test('a cost that the upstream reports wins and is marked', () => {
  const reported = request({ inputTokens: 10, outputTokens: 10 }, { reportedCost: 0.0123456 })
  expect(createPriceBook().costOf(reported)).toEqual({ costMicroUsd: 12_346, costSource: 'reported' })
})

test.for([
  ['an unknown model', request({ inputTokens: 1, outputTokens: 1 }, { models: ['nobody-knows-this'] })],
  ['an unknown count of output', request({ inputTokens: 1 })],
  ['an unknown count of input', request({ outputTokens: 1 })],
  ['a service tier without a price', request({ inputTokens: 1, outputTokens: 1 }, { serviceTier: 'priority' })],
] as const)('%s has an unknown cost, never 0', ([, unknown]) => {
  expect(createPriceBook().costOf(unknown)).toEqual({ costMicroUsd: undefined, costSource: 'unknown' })
})

test('at a provider of its own an address decides; elsewhere the list price of the maker is taken', () => {
  const use = { inputTokens: 1_000_000, outputTokens: 0 }
  const book = createPriceBook()
  const atMaker = request(use, { account: ELSEWHERE, models: ['anthropic/claude-opus-4-5'] })
  expect(book.costOf(atMaker).costMicroUsd).toBe(5_000_000)
  const atOther = request(use, { models: ['gpt-5'] })
  expect(book.costOf(atOther).costSource).toBe('unknown')
  expect(book.priceOf(ELSEWHERE, 'gpt-5', AT)).toMatchObject({ input: '1.25', output: '10', listedAs: 'openai/gpt-5' })
})

test('the first model name with a price counts', () => {
  const use = request({ inputTokens: 1000, outputTokens: 0 }, { models: [undefined, 'made-up', 'claude-opus-4-5'] })
  expect(createPriceBook().costOf(use).costMicroUsd).toBe(5000)
})

test('batch and flex processing cost half where the vendor says so', () => {
  const use = request(
    { inputTokens: 1000, outputTokens: 0 },
    { account: ELSEWHERE, models: ['gpt-5'], serviceTier: 'flex' },
  )
  expect(createPriceBook().costOf(use).costMicroUsd).toBe(625)
  expect(createPriceBook().costOf({ ...use, serviceTier: 'default' }).costMicroUsd).toBe(1250)
})

test("an operator's price wins, the most special first, in its currency and with its tiers", () => {
  const book = bookWith({
    date: '2026-11-01',
    exchangeRates: { CNY: '0.14' },
    prices: [
      { model: '*', input: 100, output: 100 },
      { model: 'glm-*', currency: 'CNY', input: '2', output: 8, serviceTiers: { fast: 3 } },
      { model: 'glm-4.6', account: 'elsewhere', input: '0.000001', output: 0 },
    ],
  })
  const glm = request({ inputTokens: 1_000_000, outputTokens: 1_000_000 }, { models: ['glm-5'], account: ELSEWHERE })
  expect(book.costOf(glm).costMicroUsd).toBe(1_400_000)
  expect(book.costOf({ ...glm, serviceTier: 'fast' }).costMicroUsd).toBe(4_200_000)
  expect(book.costOf({ ...glm, models: ['glm-4.6'] }).costMicroUsd).toBe(1)
  expect(book.costOf({ ...glm, models: ['claude-opus-4-5'] }).costMicroUsd).toBe(200_000_000)
  expect(book.sources().overrides).toEqual({ entries: 3, date: '2026-11-01' })
})

test('a price of zero is a price, and the demo costs nothing', () => {
  const free = bookWith({ prices: [{ model: 'local-*', input: 0, output: 0 }] })
  const use = { inputTokens: 5, outputTokens: 5 }
  expect(free.costOf(request(use, { models: ['local-llama'] }))).toEqual({ costMicroUsd: 0, costSource: 'computed' })
  const demo = { ...ELSEWHERE, isDemo: true }
  expect(createPriceBook().costOf(request(use, { models: ['demo'], account: demo })).costMicroUsd).toBe(0)
})

test("an account's multiplier and currency count", () => {
  const book = bookWith({ exchangeRates: { EUR: '1.1' } })
  const cheap = { ...ELSEWHERE, priceMultiplier: '0.35', currency: 'EUR' }
  const use = { inputTokens: 1000, outputTokens: 0 }
  expect(book.costOf(request(use, { account: cheap, models: ['claude-opus-4-5'] })).costMicroUsd).toBe(1750)
  expect(book.costOf(request(use, { account: cheap, reportedCost: 0.01 })).costMicroUsd).toBe(11_000)
  const strange = { ...cheap, currency: 'XXX' }
  expect(book.costOf(request(use, { account: strange, reportedCost: 0.01 })).costSource).toBe('computed')
})

test('an estimate is an upper bound of what the dearest account would ask, with a cap', () => {
  const book = createPriceBook()
  const ask = { inputTokens: 1000, maxOutputTokens: 1000, at: AT, modelAt: () => 'claude-opus-4-5' }
  expect(book.estimateCost({ ...ask, accounts: [ANTHROPIC] })).toBe(10_000 + 25_000)
  expect(book.estimateCost({ ...ask, accounts: [{ ...ELSEWHERE, priceMultiplier: 2 }, ANTHROPIC] })).toBe(70_000)
  expect(book.estimateCost({ ...ask, accounts: [ANTHROPIC], maxOutputTokens: 128_000 })).toBe(MAX_ESTIMATE_MICRO_USD)
  expect(book.estimateCost({ ...ask, accounts: [ANTHROPIC], modelAt: () => 'nobody-knows-this' })).toBe(0)
})

test('facts come from the operator, the table, and what is well known', () => {
  const book = bookWith({ prices: [{ model: 'own', contextWindow: 32_768, inputs: ['text'] }] })
  expect(book.modelFacts(ELSEWHERE, 'own')).toEqual({
    contextWindow: 32_768,
    maxOutputTokens: undefined,
    inputs: ['text'],
  })
  expect(book.modelFacts(ANTHROPIC, 'claude-opus-4-5')).toEqual({
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    inputs: ['text', 'image', 'pdf'],
  })
  expect(book.priceOf(ELSEWHERE, 'own', AT)).toBeUndefined()
})

test('what cannot be read is refused with its place', () => {
  const read = readOverrides({
    prices: [
      { model: 'x', input: -1 },
      { model: 'y', colour: 'red' },
    ],
  })
  expect(read.ok ? [] : read.mistakes.map((mistake) => mistake.split(':')[0])).toEqual(['prices.0.input', 'prices.1'])
})
