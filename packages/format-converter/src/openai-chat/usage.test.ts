import { describe, expect, it, test } from 'vitest'

import type { JsonObject } from '../model/json.ts'
import { inputTotal, type Usage } from '../model/usage.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

function known(usage: Usage | undefined): Partial<Usage> | undefined {
  if (usage === undefined) return undefined
  const { raw: _raw, ...counts } = usage
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== undefined))
}

describe('usage of a Chat upstream', () => {
  test.for<[habit: string, wire: JsonObject, counts: Partial<Usage>]>([
    [
      'OpenAI counts cached and written tokens inside the prompt',
      {
        prompt_tokens: 120,
        completion_tokens: 40,
        total_tokens: 160,
        prompt_tokens_details: { cached_tokens: 100, cache_write_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 8 },
      },
      { inputUncached: 15, cacheRead: 100, cacheWriteOther: 5, output: 40, reasoning: 8 },
    ],
    [
      'details may be null',
      { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10, prompt_tokens_details: null },
      { inputUncached: 9, output: 1 },
    ],
    [
      'DeepSeek names cache hits',
      { prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 4 },
      { inputUncached: 5, cacheRead: 4, output: 1 },
    ],
    [
      'Moonshot puts cached_tokens at the top',
      { prompt_tokens: 20, completion_tokens: 1, cached_tokens: 10 },
      { inputUncached: 10, cacheRead: 10, output: 1 },
    ],
    [
      'a proxy with Anthropic names counts them outside the prompt when the total says so',
      {
        prompt_tokens: 10,
        completion_tokens: 1,
        total_tokens: 18,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 3,
      },
      { inputUncached: 10, cacheRead: 4, cacheWriteOther: 3, output: 1 },
    ],
    [
      'a proxy with Anthropic names counts them inside the prompt when the total says that',
      { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11, cache_read_input_tokens: 4 },
      { inputUncached: 6, cacheRead: 4, output: 1 },
    ],
    [
      'more cached than prompt tokens: the prompt excludes them',
      { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 50 } },
      { inputUncached: 5, cacheRead: 50, output: 1, isInconsistent: true },
    ],
    [
      'read and written tokens that overlap',
      { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 8, cache_write_tokens: 6 } },
      { inputUncached: 0, cacheRead: 8, cacheWriteOther: 2, output: 1, isInconsistent: true },
    ],
    [
      'xAI counts reasoning beside the completion, as its total shows',
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 35,
        completion_tokens_details: { reasoning_tokens: 20 },
      },
      { inputUncached: 10, output: 25, reasoning: 20 },
    ],
    ['only a total', { prompt_tokens: 10, total_tokens: 12 }, { inputUncached: 10, output: 2 }],
    [
      'a total below the prompt never makes a negative output',
      { prompt_tokens: 10, total_tokens: 4 },
      { inputUncached: 10, output: 0 },
    ],
    [
      'a negative count is unknown, not 0',
      { prompt_tokens: 10, completion_tokens: -1 },
      { inputUncached: 10, isInconsistent: true },
    ],
    [
      'a fractional count is unknown, not 0',
      { prompt_tokens: 1.5, completion_tokens: 1 },
      { output: 1, isInconsistent: true },
    ],
    [
      'OpenRouter reports its price',
      { prompt_tokens: 1, completion_tokens: 1, cost: 0.25 },
      { inputUncached: 1, output: 1, reportedCostUsd: 0.25 },
    ],
    [
      'xAI reports its price in ticks, of which a dollar has ten thousand millions',
      { prompt_tokens: 1, completion_tokens: 1, cost_in_usd_ticks: 1_176_500 },
      { inputUncached: 1, output: 1, reportedCostUsd: 0.00011765 },
    ],
  ])('%s', ([, wire, counts]) => {
    const usage = decodeUsage(wire)
    expect(known(usage)).toEqual(counts)
    expect(usage?.raw).toBe(wire)
  })

  test.for([undefined, null, {}, [], 'x', { prompt_tokens: null }] as const)('%j holds no counts', (wire) => {
    expect(decodeUsage(wire)).toBeUndefined()
  })
})

describe('usage for a Chat client', () => {
  it('adds the disjoint classes up', () => {
    const usage: Usage = {
      inputUncached: 12,
      cacheRead: 9000,
      cacheWrite5m: 300,
      cacheWrite1h: 500,
      output: 240,
      reasoning: 100,
    }
    expect(encodeUsage(usage)).toMatchObject({
      prompt_tokens: 9812,
      completion_tokens: 240,
      total_tokens: 10052,
      prompt_tokens_details: { cached_tokens: 9000, cache_write_tokens: 800 },
      completion_tokens_details: { reasoning_tokens: 100 },
    })
  })

  it('keeps totals when it is read again', () => {
    const usage: Usage = {
      inputUncached: 12,
      cacheRead: 9000,
      cacheWrite5m: 300,
      cacheWrite1h: 500,
      output: 240,
      reasoning: 100,
    }
    const again = decodeUsage(encodeUsage(usage)) ?? {}
    expect([inputTotal(again), again.cacheRead, again.cacheWriteOther, again.output, again.reasoning]).toEqual([
      9812, 9000, 800, 240, 100,
    ])
  })
})
