import { describe, expect, it } from 'vitest'

import { inputTotal, mergeUsage } from '../model/usage.ts'
import { decodeUsage, decodeUsageReport, encodeFinalUsage, encodeStartUsage, encodeUsage } from './usage.ts'

const WORKED_EXAMPLE = {
  input_tokens: 12,
  cache_read_input_tokens: 9000,
  cache_creation_input_tokens: 800,
  cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 500 },
  output_tokens: 240,
  output_tokens_details: { thinking_tokens: 100 },
}

describe('usage of Messages', () => {
  it('reads the worked example of the contract', () => {
    const usage = decodeUsage(WORKED_EXAMPLE)
    expect(usage).toMatchObject({
      inputUncached: 12,
      cacheRead: 9000,
      cacheWrite5m: 300,
      cacheWrite1h: 500,
      output: 240,
      reasoning: 100,
    })
    expect(usage && inputTotal(usage)).toBe(9812)
  })

  it('takes cache writes without a breakdown for five-minute ones and what a breakdown leaves open for others', () => {
    expect(decodeUsage({ input_tokens: 1, cache_creation_input_tokens: 800, output_tokens: 1 })).toMatchObject({
      cacheWrite5m: 800,
    })
    expect(decodeUsage({ ...WORKED_EXAMPLE, cache_creation_input_tokens: 1000 })).toMatchObject({
      cacheWrite5m: 300,
      cacheWrite1h: 500,
      cacheWriteOther: 200,
    })
  })

  it('adds up the iterations that are billed', () => {
    const iteration = {
      input_tokens: 100,
      output_tokens: 10,
      cache_read_input_tokens: 5,
      cache_creation_input_tokens: 0,
    }
    const usage = {
      input_tokens: 1,
      output_tokens: 2,
      iterations: [
        { ...iteration, type: 'compaction' },
        { ...iteration, type: 'message' },
        { ...iteration, type: 'advisor_message' },
      ],
    }
    expect(decodeUsage(usage)).toMatchObject({ inputUncached: 200, cacheRead: 10, output: 20 })
    expect(
      decodeUsage({ ...usage, iterations: [...usage.iterations, { ...iteration, type: 'fallback_message' }] }),
    ).toMatchObject({ inputUncached: 1, output: 2 })
  })

  it('never makes a number of something that is none', () => {
    expect(decodeUsage({ input_tokens: -1, output_tokens: 1.5 })).toMatchObject({ isInconsistent: true })
    expect(decodeUsage({ input_tokens: -1, output_tokens: 1.5 })?.inputUncached).toBeUndefined()
    expect(decodeUsage(undefined)).toBeUndefined()
    expect(decodeUsage({ service_tier: 'standard' })).toBeUndefined()
    expect(decodeUsage('12')).toBeUndefined()
    expect(decodeUsage({ output_tokens: 3 })?.cacheRead).toBeUndefined()
  })

  it('writes every required key, cache writes of unknown lifetime among the five-minute ones', () => {
    expect(
      encodeUsage({
        inputUncached: 20,
        cacheRead: 100,
        cacheWrite5m: 1,
        cacheWrite1h: 2,
        cacheWriteOther: 4,
        output: 40,
        reasoning: 8,
        serviceTier: 'flex',
      }),
    ).toEqual({
      cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 2 },
      cache_creation_input_tokens: 7,
      cache_read_input_tokens: 100,
      inference_geo: null,
      input_tokens: 20,
      output_tokens: 40,
      output_tokens_details: { thinking_tokens: 8 },
      server_tool_use: null,
      service_tier: 'batch',
      speed: null,
    })
  })

  it('keeps the split of cache writes when the last report of a stream names only their sum', () => {
    const start = decodeUsage(WORKED_EXAMPLE)
    const merge = (report: Record<string, number>) => mergeUsage(start, decodeUsageReport(report, start) ?? {})
    expect(merge({ cache_creation_input_tokens: 800, output_tokens: 300 })).toMatchObject({
      cacheWrite5m: 300,
      cacheWrite1h: 500,
      cacheRead: 9000,
      output: 300,
    })
    expect(merge({ cache_creation_input_tokens: 900 })).toMatchObject({
      cacheWrite5m: 300,
      cacheWrite1h: 500,
      cacheWriteOther: 100,
    })
    expect(decodeUsageReport({ cache_creation_input_tokens: 800 }, undefined)).toMatchObject({ cacheWrite5m: 800 })
  })

  it('shows an estimate only at the start, and nothing where nothing is known', () => {
    expect(encodeStartUsage(undefined, 33)).toMatchObject({
      input_tokens: 33,
      output_tokens: 0,
      cache_read_input_tokens: null,
    })
    expect(encodeStartUsage({ inputUncached: 5, output: 9 }, 33)).toMatchObject({
      input_tokens: 5,
      output_tokens: 0,
      cache_read_input_tokens: 0,
    })
    expect(encodeFinalUsage(undefined)).toMatchObject({
      input_tokens: null,
      output_tokens: 0,
      output_tokens_details: null,
    })
  })
})
