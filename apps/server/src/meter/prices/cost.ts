import type { TokenCounts } from '@relay/account-store'

import type { ModelPrice } from './model-price.ts'
import type { Rate } from './rate.ts'
import { rateFor, scale } from './rate.ts'

/** What a request used, as far as it has a price. */
export interface PricedUse {
  readonly tokens: TokenCounts
  readonly inputAudioTokens?: number | undefined
  readonly outputAudioTokens?: number | undefined
  readonly webSearches?: number | undefined
  /** As the upstream named it in its answer. */
  readonly serviceTier?: string | undefined
}

/** Names that vendors have for their ordinary service. */
const ORDINARY_TIERS: ReadonlySet<string> = new Set(['', 'auto', 'default', 'standard', 'on_demand'])

/**
 * What a use costs, in 10⁻¹⁸ of the price's currency.
 *
 * @returns `undefined` when a count or a price that matters is not known
 */
export function computeCost(price: ModelPrice, use: PricedUse): bigint | undefined {
  const factor = tierFactor(price, use.serviceTier)
  const tokens = tokenCost(price, use)
  const searches = searchCost(price, use.webSearches ?? 0)
  if (factor === undefined || tokens === undefined || searches === undefined) return undefined
  return (factor === 'ordinary' ? tokens : scale(tokens, factor)) + searches + (price.request ?? 0n)
}

function tierFactor({ serviceTiers }: ModelPrice, tier: string | undefined): bigint | 'ordinary' | undefined {
  return tier === undefined
    ? 'ordinary'
    : (serviceTiers.get(tier) ?? (ORDINARY_TIERS.has(tier) ? 'ordinary' : undefined))
}

function searchCost({ webSearch }: ModelPrice, searches: number): bigint | undefined {
  if (searches === 0) return 0n
  return webSearch === undefined ? undefined : BigInt(searches) * webSearch
}

function tokenCost(price: ModelPrice, use: PricedUse): bigint | undefined {
  const counts = countsOf(use)
  if (counts === undefined) return undefined
  const { total } = counts
  const write = price.cacheWrite5m ?? price.input
  return sum([
    charge(price.input, counts.text, total),
    charge(price.inputAudio ?? price.input, counts.audio, total),
    charge(price.cacheRead ?? price.input, counts.read, total),
    charge(write, counts.written, total),
    charge(price.cacheWrite1h ?? write, counts.writtenLong, total),
    outputCost(price, use, total),
  ])
}

interface InputCounts {
  readonly text: number
  readonly audio: number
  readonly read: number
  readonly written: number
  /** For an hour. */
  readonly writtenLong: number
  readonly total: number
}

/** Input by price; kinds of caching that nobody mentions were not used. */
function countsOf({ tokens, inputAudioTokens }: PricedUse): InputCounts | undefined {
  const { inputTokens } = tokens
  if (inputTokens === undefined) return undefined
  const audio = Math.min(inputAudioTokens ?? 0, inputTokens)
  const read = tokens.cacheReadTokens ?? 0
  const written = (tokens.cacheWrite5mTokens ?? 0) + (tokens.cacheWriteOtherTokens ?? 0)
  const writtenLong = tokens.cacheWrite1hTokens ?? 0
  const total = inputTokens + read + written + writtenLong
  return { text: inputTokens - audio, audio, read, written, writtenLong, total }
}

/** What has no price for output, such as an embedding model, has no output either. */
function outputCost({ output, outputAudio }: ModelPrice, use: PricedUse, inputTotal: number): bigint | undefined {
  const { outputTokens } = use.tokens
  if (outputTokens === undefined) return output === undefined ? 0n : undefined
  const audio = Math.min(use.outputAudioTokens ?? 0, outputTokens)
  return sum([charge(output, outputTokens - audio, inputTotal), charge(outputAudio ?? output, audio, inputTotal)])
}

/** No tokens cost nothing, whatever their price. */
function charge(rate: Rate | undefined, tokens: number, inputTotal: number): bigint | undefined {
  if (tokens === 0) return 0n
  return rate === undefined ? undefined : BigInt(tokens) * rateFor(rate, inputTotal)
}

function sum(parts: readonly (bigint | undefined)[]): bigint | undefined {
  let total = 0n
  for (const part of parts) {
    if (part === undefined) return undefined
    total += part
  }
  return total
}
