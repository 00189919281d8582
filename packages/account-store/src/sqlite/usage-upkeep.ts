import { checkNumber, refuseField } from '../check-field.ts'
import { toCostColumns, toUsageRecord, toUsageRow } from '../rows/usage-rows.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { UsageCostChange, UsageRetention } from '../usage-record.ts'
import type { StoreContext } from './context.ts'
import type { MetaName } from './meta.ts'
import { stepByStep } from './step-by-step.ts'
import { createSumMarks } from './sum-marks.ts'
import { createUsageRollUp } from './usage-roll-up.ts'
import { createUsageSumWriter } from './usage-sum-writer.ts'

/** What is changed on records after they were written. */
export type UsageUpkeep = Pick<UsageRoom, 'changeUsageCosts' | 'removeOldUsage'>

const MAX_CHANGES = 1000
/** Records that go in one transaction: each lies in ten places, and requests wait for some 20 ms at most. */
const MAX_REMOVED = 200

export function createUsageUpkeep({ fast: connection, now }: StoreContext, flush: () => Promise<void>): UsageUpkeep {
  const find = connection.prepare('SELECT * FROM usage_records WHERE request_id = :requestId')
  const change = connection.prepare(`
    UPDATE usage_records SET cost_micro_usd = :cost_micro_usd, cost_source = :cost_source
    WHERE request_id = :requestId AND (cost_micro_usd IS NOT :cost_micro_usd OR cost_source <> :cost_source)`)
  const sums = createUsageSumWriter(connection)
  const rollUp = createUsageRollUp(connection)
  const marks = createSumMarks(connection)
  const removeRecords = connection.prepare(`
    DELETE FROM usage_records WHERE id IN (
      SELECT id FROM usage_records WHERE started_at < :before ORDER BY started_at, id LIMIT ${MAX_REMOVED})`)
  const removeOldestHour = connection.prepare(`
    DELETE FROM usage_sums WHERE grain = 0 AND starts_at = (
      SELECT min(starts_at) FROM usage_sums WHERE grain = 0 AND starts_at < :before)`)
  const noteSince = connection.prepare(`
    INSERT INTO meta (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = max(value, :value)`)

  function changeCost({ requestId, ...cost }: UsageCostChange): number {
    const row = find.get({ requestId })
    if (row === undefined) return 0
    const after = toCostColumns(cost)
    const changed = change.run({ requestId, ...after })
    if (changed === 1) sums.changeCost(toUsageRow(toUsageRecord(row)), { before: costOf(row), after: costOf(after) })
    return changed
  }

  async function changeUsageCosts(changes: readonly UsageCostChange[]): Promise<number> {
    if (changes.length > MAX_CHANGES)
      refuseField('changes', `has ${changes.length} entries, allowed are ${MAX_CHANGES}`)
    await flush()
    return connection.transaction(() => changes.reduce((count, cost) => count + changeCost(cost), 0))
  }

  async function removeOldUsage({ recordsBefore, hoursBefore }: UsageRetention): Promise<number> {
    const bounds = { min: 0, max: Number.MAX_SAFE_INTEGER }
    checkNumber('recordsBefore', recordsBefore, bounds)
    checkNumber('hoursBefore', hoursBefore, bounds)
    await flush()
    await stepByStep(connection, () => Number(rollUp.step(now())))
    // What a day is made of stays as long as the day is not over.
    const hoursAre = Math.min(hoursBefore, marks.read('days').before)
    const since: readonly (readonly [MetaName, number])[] = [
      ['usage-hours-since', hoursAre],
      ['usage-records-since', recordsBefore],
    ]
    connection.transaction(() => {
      for (const [name, value] of since) noteSince.run({ name, value })
    })
    await stepByStep(connection, () => removeOldestHour.run({ before: hoursAre }))
    return stepByStep(connection, () => removeRecords.run({ before: recordsBefore }))
  }

  return { changeUsageCosts, removeOldUsage }
}

function costOf(row: Readonly<Record<string, unknown>>): number | undefined {
  const cost = row['cost_micro_usd']
  return typeof cost === 'number' ? cost : undefined
}
