import type { Rate } from './rate.ts'

/** What can be in a model's price; each in 10⁻¹⁸ of its currency for one token, search or request. */
export interface ModelPrice {
  readonly input: Rate | undefined
  /** Where it is not known, cache reads cost what input costs. */
  readonly cacheRead: Rate | undefined
  /** Where it is not known, cache writes cost what input costs. */
  readonly cacheWrite5m: Rate | undefined
  /** Where it is not known, it is that of five minutes. */
  readonly cacheWrite1h: Rate | undefined
  readonly output: Rate | undefined
  readonly inputAudio: Rate | undefined
  readonly outputAudio: Rate | undefined
  readonly webSearch: bigint | undefined
  readonly request: bigint | undefined
  /** Factors of service tiers (10¹² = 1); a tier that is not here has no known price. */
  readonly serviceTiers: ReadonlyMap<string, bigint>
  /** ISO 4217. */
  readonly currency: string
}

/** What a request may contain. */
export type ModelInput = 'text' | 'image' | 'pdf' | 'audio' | 'video'

/** What is known of a model; `undefined` = not known. */
export interface ModelFacts {
  /** Tokens of input and output together. */
  readonly contextWindow: number | undefined
  readonly maxOutputTokens: number | undefined
  readonly inputs: readonly ModelInput[] | undefined
}

/** Nothing is known. */
export const NO_FACTS: ModelFacts = { contextWindow: undefined, maxOutputTokens: undefined, inputs: undefined }
