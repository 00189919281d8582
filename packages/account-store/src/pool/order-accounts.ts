import type { Account, AccountApiFormat } from '../account.ts'
import { SPOKEN_FORMATS } from '../account.ts'
import type { WireFormat } from '../wire-format.ts'

/** How accounts of one priority share the load. */
export type Strategy = 'least-in-flight' | 'weighted' | 'least-recently-used'

/** All strategies, the usual one first. */
export const STRATEGIES: readonly Strategy[] = ['least-in-flight', 'weighted', 'least-recently-used']

/** What the order of accounts depends on. */
export interface OrderFacts {
  readonly strategy: Strategy
  /** The format the client speaks. */
  readonly clientFormat: WireFormat
  /** Requests of this process that an account is serving now. */
  readonly inFlight: (accountId: string) => number
  /** When this process used an account last, in any unit that grows; 0 = never. */
  readonly lastUsedAt: (accountId: string) => number
  /** What is asked stays where it begins: of accounts that are equally busy the one that rested longest comes first. */
  readonly isSession?: boolean | undefined
  /** From 0 up to but not including 1. */
  readonly random: () => number
}

const API_FORMAT_OF: Readonly<Record<WireFormat, AccountApiFormat | undefined>> = {
  'anthropic-messages': 'claude',
  'openai-chat': 'openai-chat',
  'openai-responses': 'openai-responses',
  gemini: undefined,
}

/** Tells whether an account can be asked in the client's own format, so that nothing has to be converted. */
export function isNative(account: Account, clientFormat: WireFormat): boolean {
  const format = API_FORMAT_OF[clientFormat]
  if (format === undefined || format === 'auto') return false
  if (account.apiFormat !== 'auto') return account.apiFormat === format
  if (account.formatBaseUrls[format] !== undefined) return true
  const [base = ''] = account.baseUrl.split('?', 1)
  const endpoint = ENDPOINTS.find(([ending]) => base.endsWith(ending) || base.endsWith(`${ending}/`))
  return endpoint === undefined ? SPOKEN_FORMATS[account.type].includes(format) : endpoint[1] === format
}

/** A base URL that ends like this speaks that one format. */
const ENDPOINTS: readonly (readonly [string, Exclude<AccountApiFormat, 'auto'>])[] = [
  ['/messages', 'claude'],
  ['/chat/completions', 'openai-chat'],
  ['/responses', 'openai-responses'],
]

/**
 * Puts the best account first: lower priority number, then the client's own format, then the strategy, then the order in
 * which they came; sessions take turns there, so that those which begin while nothing runs do not all stay with one account.
 */
export function orderAccounts<Entry extends { readonly account: Account }>(
  entries: readonly Entry[],
  facts: OrderFacts,
): readonly Entry[] {
  if (entries.length < 2) return entries
  const rankOf = rankBy(facts)
  const keys = new Map(
    entries.map((entry) => {
      const { account } = entry
      const distance = isNative(account, facts.clientFormat) ? 0 : 1
      const turn = facts.isSession === true ? facts.lastUsedAt(account.id) : 0
      return [entry, [account.priority, distance, rankOf(account), turn]] as const
    }),
  )
  return entries.toSorted((left, right) => compare(keys.get(left) ?? [], keys.get(right) ?? []))
}

function rankBy({ strategy, inFlight, lastUsedAt, random }: OrderFacts): (account: Account) => number {
  switch (strategy) {
    case 'least-in-flight':
      return ({ id, weight }) => inFlight(id) / weight
    case 'weighted':
      // Each account draws a number; the chance to draw the smallest is its share of the weights.
      return ({ weight }) => -Math.log(1 - random()) / weight
    case 'least-recently-used':
      return ({ id }) => lastUsedAt(id)
  }
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
