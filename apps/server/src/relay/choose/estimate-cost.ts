import type { Candidate } from '@relay/account-store'

import type { PriceBook } from '../../meter/prices/price-book.ts'
import type { LiveRequest } from '../live-request.ts'
import type { Envelope } from '../request/envelope.ts'

/** Where clients say how long an answer may be. */
const OUTPUT_LIMITS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const
/** Bytes of a body for one token of input: JSON around the text makes this an upper estimate. */
const BYTES_PER_TOKEN = 4

/** A request that is about to be sent to one of these accounts. */
interface CostlyRequest {
  readonly live: Pick<LiveRequest, 'startedAt'>
  readonly envelope: Envelope
  readonly candidates: readonly Candidate[]
}

/** An upper estimate of what a request will cost at the dearest of the accounts, micro-USD; 0 where no price is known. */
export function estimateCost(
  prices: Pick<PriceBook, 'estimateCost'>,
  { live, envelope, candidates }: CostlyRequest,
): number {
  return prices.estimateCost({
    accounts: candidates.map(({ account }) => account),
    modelAt: ({ name }) => candidates.find(({ account }) => account.name === name)?.upstreamModel,
    inputTokens: estimateInput(envelope),
    maxOutputTokens: outputLimit(envelope),
    at: live.startedAt,
  })
}

/** The whole body as input. */
export function estimateInput(envelope: Envelope): number {
  return Math.ceil(envelope.bytes.length / BYTES_PER_TOKEN)
}

/** What the client allows for output; `undefined` = nothing said. */
export function outputLimit(envelope: Envelope): number | undefined {
  const limits = OUTPUT_LIMITS.map((name) => envelope.member(name))
  return limits.find((limit) => typeof limit === 'number' && Number.isSafeInteger(limit) && limit > 0) as
    | number
    | undefined // the check is in the line above
}
