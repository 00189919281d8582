import { describe, expect, it } from 'vitest'

import { COUNT_ENDPOINT, decodeCount, encodeCount, toCountRequest } from './count.ts'

describe('the count endpoint of Responses', () => {
  it('is asked with what it takes and nothing else', () => {
    const body = { model: 'm', input: 'x', tools: [], stream: true, store: false, include: ['a'], max_output_tokens: 5 }
    expect(COUNT_ENDPOINT).toBe('/responses/input_tokens')
    expect(toCountRequest(body)).toEqual({ model: 'm', input: 'x', tools: [] })
  })

  it('answers in its own words, and anything else is no count', () => {
    expect(decodeCount(encodeCount(12))).toBe(12)
    expect(encodeCount(12)).toEqual({ object: 'response.input_tokens', input_tokens: 12 })
    expect(decodeCount({ input_tokens: -1 })).toBeUndefined()
    expect(decodeCount({})).toBeUndefined()
  })
})
