import { type Account, isNative, type Ranking, type RejectionReason } from '@relay/account-store'
import type { FormatName } from '@relay/format-converter'

/** Which accounts could take a request, best first, and why the others could not. */
export interface RoutingDecision {
  readonly candidates: readonly RoutedAccount[]
  readonly rejected: readonly RejectedAccount[]
}

/** An account that could take the request, and what its place came from. */
export interface RoutedAccount {
  readonly id: string
  readonly name: string
  /** As it would be sent. */
  readonly model: string
  readonly priority: number
  readonly weight: number
  readonly inFlight: number
  /** It speaks the client's own format. */
  readonly isNative: boolean
  /** It rested and has yet to prove itself. */
  readonly awaitsProbe: boolean
}

/** An account that could not. */
export interface RejectedAccount {
  readonly id: string
  readonly name: string
  readonly reason: RejectionReason
  /** Unix time in milliseconds when that ends by itself. */
  readonly until: number | undefined
}

interface RoutingFacts {
  readonly clientFormat: FormatName
  readonly inFlight: (accountId: string) => number
}

/** A ranking as an operator reads it. */
export function describeRouting(ranking: Ranking, { clientFormat, inFlight }: RoutingFacts): RoutingDecision {
  return {
    candidates: ranking.candidates.map(({ account, upstreamModel, awaitsProbe }) => ({
      ...named(account),
      model: upstreamModel,
      priority: account.priority,
      weight: account.weight,
      inFlight: inFlight(account.id),
      isNative: isNative(account, clientFormat),
      awaitsProbe,
    })),
    rejected: ranking.rejected.map(({ account, reason, until }) => ({ ...named(account), reason, until })),
  }
}

function named({ id, name }: Account): Pick<RoutedAccount, 'id' | 'name'> {
  return { id, name }
}
