import type { Account, AccountStore, SettledUse, UsageRecord } from '@relay/account-store'

import type { AccessFields, Log } from '../observe/log.ts'
import type { LiveRequest, RequestEnd } from '../relay/live-request.ts'
import type { BudgetWatch } from './budget-watch.ts'
import type { PriceBook } from './prices/price-book.ts'
import { shownLosses } from './shown-losses.ts'
import { earlierCosts, usageRecord } from './usage-record.ts'

/** Takes every finished request: one usage record, one line in the access log. */
export type Meter = (live: LiveRequest, end: RequestEnd) => void

/** Where the meter writes, and what it reckons with. */
export interface MeterRooms {
  readonly store: Pick<AccountStore, 'recordUsage' | 'recordAccountCost'>
  /** Counts what was used towards limits, and gives back what the request holds. */
  readonly settle: (live: LiveRequest, used: SettledUse) => void
  readonly prices: PriceBook
  readonly log: Log
  /** Counts how requests end. */
  readonly errors: { note(status: number): void }
  readonly budgets: Pick<BudgetWatch, 'note'>
}

export function createMeter({ store, prices, log, errors, budgets, settle }: MeterRooms): Meter {
  return (live, end) => {
    errors.note(end.status)
    const record = usageRecord(live, end, prices)
    settle(live, { tokens: sumTokens(record), costMicroUsd: record?.costMicroUsd })
    if (record !== undefined && !store.recordUsage(record)) {
      log.error({ requestId: live.id }, 'the queue of usage records is full; this record is lost')
    }
    const { facts } = live
    const costMicroUsd = record?.costMicroUsd ?? 0
    countQuotas({ store, prices, log }, live, costMicroUsd)
    if (facts.key !== undefined && costMicroUsd > 0) budgets.note(facts.key, facts.account)
    log.logAccess(accessEntry(live, end, record))
  }
}

function accessEntry(live: LiveRequest, end: RequestEnd, record: UsageRecord | undefined): AccessFields {
  const { facts } = live
  const losses = shownLosses(facts)
  return {
    requestId: live.id,
    method: live.incoming.method ?? '',
    path: live.path,
    status: end.status,
    durationMs: live.elapsedMs(),
    reason: end.reason,
    firstTokenMs: facts.firstTokenMs,
    keyName: facts.key?.name,
    accountName: facts.account?.name,
    modelAsked: facts.model,
    modelServed: facts.modelServed,
    clientFormat: live.format,
    upstreamFormat: facts.upstreamFormat,
    isStream: facts.isStream,
    attempts: facts.attempts.length,
    losses: losses.count,
    worstLoss: losses.worst,
    inputTokens: facts.usage?.inputUncached,
    outputTokens: facts.usage?.output,
    costMicroUsd: record?.costMicroUsd,
  }
}

/** Each account has its own part of the cost; what one without a quota costs is in the records alone. */
function countQuotas(
  { store, prices, log }: Pick<MeterRooms, 'store' | 'prices' | 'log'>,
  live: LiveRequest,
  costMicroUsd: number,
): void {
  const { account, quota } = live.facts
  let leftMicroUsd = costMicroUsd
  const count = (each: Account | undefined, cost: number): void => {
    if (each?.dailyQuota === undefined || cost <= 0) return
    store.recordAccountCost(each.id, cost).catch((error: unknown) => {
      log.warn({ error }, 'the quota of an account could not be counted')
    })
  }
  for (const earlier of earlierCosts(live, prices)) {
    leftMicroUsd -= earlier.costMicroUsd ?? 0
    count(earlier.account, earlier.costMicroUsd ?? 0)
  }
  const ownMicroUsd = Math.max(0, leftMicroUsd)
  if (quota === undefined) count(account, ownMicroUsd)
  else quota.settle(ownMicroUsd)
}

/** Input of every kind and output, of which reasoning is a part; `undefined` when none of it is known. */
function sumTokens(record: UsageRecord | undefined): number | undefined {
  if (record === undefined) return undefined
  const { tokens } = record
  const written = [tokens.cacheWrite5mTokens, tokens.cacheWrite1hTokens, tokens.cacheWriteOtherTokens]
  let sum: number | undefined
  for (const count of [tokens.inputTokens, tokens.cacheReadTokens, ...written, tokens.outputTokens])
    if (count !== undefined) sum = (sum ?? 0) + count
  return sum
}
