import { i18n } from './i18n.svelte.ts'

/** A cost of several requests, of which some may have none that is known. */
export interface SummedCost {
  readonly requests: number
  readonly requestsWithoutCost: number
  readonly costMicroUsd: number
}

/** Writes a summed cost: where no request has a known one, the sum of 0 says nothing; where some have, it is a lower bound. */
export function writeCost({ requests, requestsWithoutCost, costMicroUsd }: SummedCost): string {
  if (requests > 0 && requestsWithoutCost >= requests) return i18n.text.unknown
  return `${i18n.format.cost(costMicroUsd)}${requestsWithoutCost > 0 ? ' +' : ''}`
}
