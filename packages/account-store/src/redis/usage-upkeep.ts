import { checkNumber, refuseField } from '../check-field.ts'
import type { Row } from '../rows/row.ts'
import { readNumber } from '../rows/row.ts'
import { countsOf } from '../rows/usage-counts.ts'
import { toCostColumns } from '../rows/usage-rows.ts'
import type { UsageRoom } from '../store/usage-room.ts'
import type { UsageCostChange, UsageRetention } from '../usage-record.ts'
import { floor } from '../usage-spans.ts'
import type { RedisContext } from './context.ts'
import { dayOf, daysBetween, readPage } from './read-usage.ts'
import { toList, toNumber, toRow, toTexts } from './reply.ts'
import { NOTE_SINCE } from './scripts/note-since.ts'
import { CHANGE_COSTS, FIND_USAGE, REMOVE_USAGE } from './scripts/usage.ts'
import { groupOf } from './usage-sum-row.ts'
import { createKeyList, KEPT_LEVELS, listsOf } from './write-usage.ts'

/** What is changed on records after they were written. */
export type UsageUpkeep = Pick<UsageRoom, 'changeUsageCosts' | 'removeOldUsage'>

const MAX_CHANGES = 1000
/** Records that go in one step: everybody else waits for some milliseconds. */
const MAX_REMOVED = 500
/** Index of the first hash of sums among the keys of the script. */
const FIRST_SUMS = 2

/** @param flush - writes what this process has queued */
export function createUsageUpkeep(context: RedisContext, flush: () => Promise<void>): UsageUpkeep {
  async function changeUsageCosts(changes: readonly UsageCostChange[]): Promise<number> {
    if (changes.length > MAX_CHANGES)
      refuseField('changes', `has ${changes.length} entries, allowed are ${MAX_CHANGES}`)
    await flush()
    const days = Map.groupBy(await findChanged(context, changes), ({ row }) => dayOf(readNumber(row, 'started_at')))
    let count = 0
    for (const [day, changed] of days) count += await changeDay(context, day, changed)
    return count
  }

  async function removeOldUsage({ recordsBefore, hoursBefore }: UsageRetention): Promise<number> {
    const bounds = { min: 0, max: Number.MAX_SAFE_INTEGER }
    checkNumber('recordsBefore', recordsBefore, bounds)
    checkNumber('hoursBefore', hoursBefore, bounds)
    await flush()
    const { usageSince } = context.keys
    await context.link.run(NOTE_SINCE, { keys: [usageSince], args: ['records', recordsBefore, 'hours', hoursBefore] })
    await removeHours(context, hoursBefore)
    let removed = 0
    for (const day of await daysBetween(context, 0, recordsBefore - 1))
      removed += await removeDay(context, day, recordsBefore)
    return removed
  }

  return { changeUsageCosts, removeOldUsage }
}

interface ChangedRecord {
  readonly requestId: string
  readonly before: string
  readonly row: Row
  readonly after: Row
}

async function findChanged(
  context: RedisContext,
  changes: readonly UsageCostChange[],
): Promise<readonly ChangedRecord[]> {
  const days = await daysBetween(context, 0, Infinity)
  if (days.length === 0 || changes.length === 0) return []
  const texts = toTexts(
    await context.link.run(FIND_USAGE, {
      keys: days.map((day) => context.keys.usageOf(day).records),
      args: changes.map(({ requestId }) => requestId),
    }),
  )
  return changes.flatMap(({ requestId, ...cost }, index) => {
    const before = texts[index]
    if (before === undefined) return []
    const row = toRow(before)
    const after = withCost(row, cost)
    return JSON.stringify(after) === before ? [] : [{ requestId, before, row, after }]
  })
}

/** In the place of the old one, so that an equal cost gives an equal text. */
function withCost(row: Row, cost: Omit<UsageCostChange, 'requestId'>): Row {
  const { cost_micro_usd: micro, cost_source: source } = toCostColumns(cost)
  const { cost_micro_usd: _, ...rest } = row
  const changed = { ...rest, cost_source: String(source) }
  if (typeof micro !== 'number') return changed
  return 'cost_micro_usd' in row
    ? { ...row, cost_micro_usd: micro, cost_source: String(source) }
    : { ...changed, cost_micro_usd: micro }
}

async function changeDay(
  { link, keys }: RedisContext,
  day: number,
  changed: readonly ChangedRecord[],
): Promise<number> {
  const places = createKeyList(FIRST_SUMS)
  const args = changed.map(({ requestId, before, row, after }) => {
    const old = countsOf(row)
    return JSON.stringify({
      id: requestId,
      before,
      after: JSON.stringify(after),
      sums: KEPT_LEVELS.map((level) =>
        places.indexOf(keys.sumsOf(level).at(floor(level, readNumber(row, 'started_at')))),
      ),
      group: groupOf(row),
      counts: countsOf(after).map((count, index) => count - (old[index] ?? 0)),
    })
  })
  const answer = await link.run(CHANGE_COSTS, { keys: [keys.usageOf(day).records, ...places.all()], args })
  return toList(answer).filter((outcome) => outcome === 1).length
}

async function removeHours({ link, keys }: RedisContext, before: number): Promise<void> {
  const { starts, at } = keys.sumsOf('hours')
  const [found] = await link.send(['ZRANGEBYSCORE', starts, '-inf', `(${before}`])
  for (const startsAt of toTexts(found).map(toNumber)) {
    await link.send(['UNLINK', at(startsAt)], ['ZREM', starts, String(startsAt)])
  }
}

async function removeDay(context: RedisContext, day: number, before: number): Promise<number> {
  const { link, keys } = context
  const { records, all } = keys.usageOf(day)
  let removed = 0
  for (;;) {
    const page = await readPage(context, [records, all], { newest: String(before - 1), oldest: 0, size: MAX_REMOVED })
    if (page.length === 0) return removed
    const lists = new Set(page.flatMap(({ row }) => listsOf(keys, day, row)))
    const answer = await link.run(REMOVE_USAGE, {
      keys: [records, keys.usageDays, ...lists],
      args: [day, ...page.map(({ member }) => member)],
    })
    removed += toNumber(answer)
    if (page.length < MAX_REMOVED) return removed
  }
}
