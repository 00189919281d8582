import type { AccountStore, UsageSums } from '@relay/account-store'

/** What is used up since midnight. */
export interface TodaysUse {
  readonly requests: number
  readonly costMicroUsd: number
  readonly requestsWithoutCost: number
}

const NOTHING: TodaysUse = { requests: 0, costMicroUsd: 0, requestsWithoutCost: 0 }

/**
 * What each key, account, owner or team has used since midnight, in one question: a list of thousands would ask the store
 * thousands of times, every few seconds.
 *
 * @returns by id, for owners and teams by name
 */
export async function readTodaysUse(
  store: AccountStore,
  group: 'key' | 'account' | 'owner' | 'team',
  now: number,
): Promise<(id: string) => TodaysUse> {
  const lines = await store.breakDownUsage({ filter: { from: startOfToday(now) }, group })
  const uses = new Map(lines.map(({ group: id, sums }) => [id, todaysUse(sums)]))
  return (id) => uses.get(id) ?? NOTHING
}

/** Midnight of the server's day. */
function startOfToday(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0)
}

function todaysUse({ requests, costMicroUsd, requestsWithoutCost }: UsageSums): TodaysUse {
  return { requests, costMicroUsd, requestsWithoutCost }
}
