import type { TransferRoom } from '../store/transfer-room.ts'
import type { UsageHistoryEntry } from '../transfer.ts'
import type { Parameters } from './connection.ts'
import type { StoreContext } from './context.ts'

const HOUR_MS = 3_600_000

const SUMS = [
  'requests',
  'failed',
  'with_losses',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'cache_write_other_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_micro_usd',
  'without_usage',
  'without_cost',
] as const
const KEPT_BY = ['grain', 'starts_at', 'key_id', 'owner', 'team', 'account_id', 'model_asked', 'model_served'] as const
const COLUMNS = [...KEPT_BY, 'key_name', 'account_name', ...SUMS]

/** Usage that is known as sums only. */
export function createUsageHistory({ fast, now }: StoreContext): Pick<TransferRoom, 'addUsageHistory'> {
  const note = fast.prepare('INSERT INTO usage_history (id, added_at) VALUES (:id, :now) ON CONFLICT DO NOTHING')
  const add = fast.prepare(`
    INSERT INTO usage_sums (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((name) => `:${name}`).join(', ')})
    ON CONFLICT (${KEPT_BY.join(', ')}) DO UPDATE SET ${SUMS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`)

  return {
    addUsageHistory: async (entries) =>
      fast.transaction(() => {
        const fresh = entries.filter(({ id }) => note.run({ id, now: now() }) === 1)
        for (const entry of fresh)
          for (const [grain, startsAt] of spansOf(entry)) add.run(toRow(entry, { grain, startsAt }))
        return fresh.length
      }),
  }
}

/** Noon is on the same date almost everywhere on earth. */
function spansOf({ day }: UsageHistoryEntry): readonly (readonly [grain: number, startsAt: number])[] {
  const date = new Date(day)
  return [
    [0, day + 12 * HOUR_MS],
    [1, day],
    [2, Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)],
  ]
}

function toRow(entry: UsageHistoryEntry, { grain, startsAt }: { grain: number; startsAt: number }): Parameters {
  const { sums } = entry
  return {
    grain,
    starts_at: startsAt,
    key_id: entry.keyId,
    key_name: entry.keyName,
    owner: entry.owner,
    team: entry.team ?? '',
    account_id: '',
    account_name: '',
    model_asked: entry.model ?? '',
    model_served: entry.model ?? '',
    requests: sums.requests,
    failed: sums.requestsFailed,
    with_losses: sums.requestsWithLosses,
    input_tokens: sums.tokens.inputTokens,
    cache_read_tokens: sums.tokens.cacheReadTokens,
    cache_write_5m_tokens: sums.tokens.cacheWrite5mTokens,
    cache_write_1h_tokens: sums.tokens.cacheWrite1hTokens,
    cache_write_other_tokens: sums.tokens.cacheWriteOtherTokens,
    output_tokens: sums.tokens.outputTokens,
    reasoning_tokens: sums.tokens.reasoningTokens,
    cost_micro_usd: sums.costMicroUsd,
    without_usage: sums.requestsWithoutUsage,
    without_cost: sums.requestsWithoutCost,
  }
}
