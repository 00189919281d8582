import type { AccountStore, UsageBreakdown, UsageBreakdownQuery, UsageFilter, UsageSums } from '@relay/account-store'

import type { PriceBook } from '../meter/prices/price-book.ts'
import type { AdminUsageBreakdown, AdminUsageSums, UsageSummary, UsedPrices } from './contract/index.ts'
import type { Cell } from './csv.ts'

/** Losses that are named; the rest is rare. */
const MAX_LOSSES = 20

/** Sums, times, and what was lost most often. */
export async function summariseUsage(store: AccountStore, filter: UsageFilter): Promise<UsageSummary> {
  const [sums, latency, losses] = await Promise.all([
    store.sumUsage(filter),
    store.measureLatency(filter),
    store.countLosses(filter),
  ])
  return {
    sums: toSums(sums),
    firstTokenMs: { ...latency.firstTokenMs },
    durationMs: { ...latency.durationMs },
    losses: losses.slice(0, MAX_LOSSES).map(({ code, level, requests }) => ({ code, level, requests })),
  }
}

/** One line for each span and group. */
export async function breakDown(store: AccountStore, query: UsageBreakdownQuery): Promise<AdminUsageBreakdown> {
  const lines = await store.breakDownUsage(query)
  return { lines: lines.map(({ sums, ...line }) => ({ ...line, sums: toSums(sums) })) }
}

function toSums({ tokens, ...sums }: UsageSums): AdminUsageSums {
  return { ...sums, tokens: { ...tokens } }
}

/** Columns of an export of sums; `cells` in the same order. */
export const SUM_COLUMNS: readonly string[] = [
  'starts_at',
  'group',
  'group_name',
  'requests',
  'requests_failed',
  'requests_with_losses',
  'requests_without_usage',
  'requests_without_cost',
  'requests_estimated',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_micro_usd',
]

export function sumCells({ startsAt, group, groupName, sums }: UsageBreakdown): readonly Cell[] {
  const { tokens } = sums
  return [
    startsAt === undefined ? undefined : new Date(startsAt).toISOString(),
    group,
    groupName,
    sums.requests,
    sums.requestsFailed,
    sums.requestsWithLosses,
    sums.requestsWithoutUsage,
    sums.requestsWithoutCost,
    sums.requestsEstimated,
    tokens.inputTokens,
    tokens.cacheReadTokens,
    tokens.cacheWrite5mTokens + tokens.cacheWrite1hTokens + tokens.cacheWriteOtherTokens,
    tokens.outputTokens,
    tokens.reasoningTokens,
    sums.costMicroUsd,
  ]
}

/** The price of each model that each account served in the time, most used first. The demo account costs nothing and has none. */
export async function listUsedPrices(
  { store, prices }: { readonly store: AccountStore; readonly prices: PriceBook },
  filter: UsageFilter,
): Promise<UsedPrices> {
  const accounts = (await store.listAccounts()).filter(({ isDemo }) => !isDemo)
  const served = await Promise.all(
    accounts.map(async (account) => ({
      account,
      lines: await store.breakDownUsage({ filter: { ...filter, accountId: account.id }, group: 'model-served' }),
    })),
  )
  const models = served.flatMap(({ account, lines }) =>
    lines.flatMap(({ group: model, sums }) => {
      if (model === undefined) return []
      const { requests, requestsWithoutCost, costMicroUsd } = sums
      const price = prices.priceOf(account, model, Date.now())
      const multiplier = String(account.priceMultiplier)
      return [
        {
          accountId: account.id,
          accountName: account.name,
          model,
          requests,
          requestsWithoutCost,
          costMicroUsd,
          multiplier,
          price,
        },
      ]
    }),
  )
  return {
    models: models.toSorted((one, other) => other.requests - one.requests),
    table: { ...prices.sources().table },
  }
}
