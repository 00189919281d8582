import type { PriceBook } from '../meter/prices/price-book.ts'
import type { ExpectedCost } from './explain-request.ts'

/** No cache is expected to help; what is not said is not counted. */
const NO_CACHE = { cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, cacheWriteOtherTokens: 0 }

/** Prices a request by the book: all its input, and all the output that it allows. */
export function expectedCostOf(prices: PriceBook): ExpectedCost {
  return ({ account, model, inputTokens, maxOutputTokens }) => {
    const tokens = { ...NO_CACHE, inputTokens, outputTokens: maxOutputTokens ?? 0, reasoningTokens: undefined }
    return prices.costOf({ account, models: [model], at: Date.now(), tokens }).costMicroUsd
  }
}
