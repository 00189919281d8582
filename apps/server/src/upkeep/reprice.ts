import type { Account, AccountStore, CostSource, UsageCostChange, UsageRecord } from '@relay/account-store'

import type { PriceBook, PricedAccount } from '../meter/prices/price-book.ts'

/** Which records are priced anew. */
export interface RepriceOrder {
  readonly store: Pick<AccountStore, 'listUsage' | 'listAccounts' | 'changeUsageCosts'>
  readonly prices: PriceBook
  /** Milliseconds since the epoch. */
  readonly from: number
  /** Not included. */
  readonly before: number
  /** Nothing is written. */
  readonly isDryRun: boolean
  readonly onProgress?: ((records: number) => void) | undefined
}

/** What a run did, or would do. */
export interface RepriceOutcome {
  readonly records: number
  readonly changed: number
  /** Sums over the records that were looked at. */
  readonly costBeforeMicroUsd: number
  readonly costAfterMicroUsd: number
  readonly unknownBefore: number
  readonly unknownAfter: number
}

const PAGE = 500

/** Computes the costs of past requests anew, with the prices that hold now for their time. What an upstream itself has reported stays. */
export async function reprice(order: RepriceOrder): Promise<RepriceOutcome> {
  const { store, isDryRun, onProgress } = order
  const accounts = new Map((await store.listAccounts()).map((account) => [account.id, account]))
  const sums = {
    records: 0,
    changed: 0,
    costBeforeMicroUsd: 0,
    costAfterMicroUsd: 0,
    unknownBefore: 0,
    unknownAfter: 0,
  }
  let cursor: string | undefined
  do {
    const page = await store.listUsage({ from: order.from, before: order.before, limit: PAGE, cursor })
    const costs = page.records.map((record) => ({ record, cost: costAnew(record, accounts, order.prices) }))
    for (const { record, cost } of costs) add(sums, record, cost)
    const changes = costs.filter(({ record, cost }) => isOther(record, cost)).map(({ cost }) => cost)
    if (changes.length > 0 && !isDryRun) await store.changeUsageCosts(changes)
    sums.changed += changes.length
    onProgress?.(sums.records)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return sums
}

type Sums = { -readonly [Name in keyof RepriceOutcome]: number }

function add(sums: Sums, record: UsageRecord, cost: UsageCostChange): void {
  sums.records += 1
  sums.costBeforeMicroUsd += record.costMicroUsd ?? 0
  sums.costAfterMicroUsd += cost.costMicroUsd ?? 0
  sums.unknownBefore += record.costMicroUsd === undefined ? 1 : 0
  sums.unknownAfter += cost.costMicroUsd === undefined ? 1 : 0
}

function isOther(record: UsageRecord, cost: UsageCostChange): boolean {
  return record.costMicroUsd !== cost.costMicroUsd || record.costSource !== cost.costSource
}

function costAnew(record: UsageRecord, accounts: ReadonlyMap<string, Account>, prices: PriceBook): UsageCostChange {
  const { requestId, tokens, extras, serviceTier } = record
  const kept = { requestId, costMicroUsd: record.costMicroUsd, costSource: record.costSource }
  // What the upstream said stays, and so does what cost nothing because nothing was used.
  if (keepsCost(record)) return kept
  const { costMicroUsd, costSource } = prices.costOf({
    ...extras,
    account: accounts.get(record.accountId ?? '') ?? goneAccount(record),
    models: [record.modelServed, record.modelSent],
    tokens,
    serviceTier,
    at: record.startedAt,
  })
  return { requestId, costMicroUsd, costSource }
}

const STAYS: ReadonlySet<CostSource> = new Set(['reported'])

function keepsCost({ costSource, usageSource, accountId }: UsageRecord): boolean {
  return STAYS.has(costSource) || usageSource === 'missing' || accountId === undefined
}

/** An account that was removed: the list price of the maker holds. */
function goneAccount({ accountName, isDemo }: UsageRecord): PricedAccount {
  return { name: accountName ?? '', baseUrl: '', isDemo }
}
