import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { cacheWriteTotal, inputTotal } from '../model/usage.ts'
import { decodeResponseUsage, decodeUsage, encodeUsage } from './usage.ts'

describe('usage of Responses', () => {
  it('keeps long cache writes apart from short ones', () => {
    const details = {
      cached_tokens: 0,
      cache_write_tokens: 30,
      cache_write_tokens_details: { ttl_12h_tokens: 10, ttl_30m_tokens: 20 },
    }
    expect(decodeUsage({ input_tokens: 100, input_tokens_details: details, output_tokens: 5 })).toMatchObject({
      inputUncached: 70,
      cacheWrite1h: 10,
      cacheWriteOther: 20,
    })
  })

  it('reads what stands beside the counts: tier and searches', () => {
    const response = {
      usage: { input_tokens: 1, output_tokens: 2 },
      service_tier: 'priority',
      tool_usage: { web_search: { num_requests: 3 } },
    }
    expect(decodeResponseUsage(response)).toMatchObject({ serviceTier: 'priority', webSearches: 3 })
  })

  it('never makes a number of what is none', () => {
    expect(decodeUsage({})).toBeUndefined()
    expect(decodeUsage(null)).toBeUndefined()
    const broken = decodeUsage({ input_tokens: -1, output_tokens: 2 })
    expect([broken?.inputUncached, broken?.output, broken?.isInconsistent]).toEqual([undefined, 2, true])
  })

  it('survives the way out and back', () => {
    const count = fc.nat(100_000)
    const usage = fc.record({ inputUncached: count, cacheRead: count, cacheWriteOther: count, output: count })
    fc.assert(
      fc.property(usage, (given) => {
        const back = decodeUsage(encodeUsage(given)) ?? {}
        expect([inputTotal(back), back.cacheRead, cacheWriteTotal(back), back.output]).toEqual([
          inputTotal(given),
          given.cacheRead,
          cacheWriteTotal(given),
          given.output,
        ])
      }),
    )
  })
})
