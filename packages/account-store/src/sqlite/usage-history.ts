import { countsOfHistory } from '../rows/usage-counts.ts'
import type { UsageRow } from '../rows/usage-rows.ts'
import type { TransferRoom } from '../store/transfer-room.ts'
import type { UsageHistoryEntry } from '../transfer.ts'
import type { StoreContext } from './context.ts'
import { createUsageSumWriter } from './usage-sum-writer.ts'

/** Noon is on the same date almost everywhere on earth. */
const NOON_MS = 12 * 3_600_000

/** Usage that is known as sums only. */
export function createUsageHistory({ fast, now }: StoreContext): Pick<TransferRoom, 'addUsageHistory'> {
  const note = fast.prepare('INSERT INTO usage_history (id, added_at) VALUES (:id, :now) ON CONFLICT DO NOTHING')
  const sums = createUsageSumWriter(fast)

  return {
    addUsageHistory: async (entries) =>
      fast.transaction(() => {
        const fresh = entries.filter(({ id }) => note.run({ id, now: now() }) === 1)
        for (const entry of fresh) sums.addCounts(toRow(entry), countsOfHistory(entry))
        return fresh.length
      }),
  }
}

function toRow({ day, keyId, keyName, owner, team, model }: UsageHistoryEntry): UsageRow {
  return {
    started_at: day + NOON_MS,
    key_id: keyId,
    key_name: keyName,
    owner,
    team,
    model_asked: model,
    model_served: model,
  }
}
