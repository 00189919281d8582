import { addTo, COUNT_COLUMNS, countsOf, KEPT_BY } from '../rows/usage-counts.ts'
import type { UsageRow } from '../rows/usage-rows.ts'
import { floor } from '../usage-spans.ts'
import type { Connection } from './connection.ts'
import { createSumMarks, GRAINS, isRolled, ROLLED_LEVELS } from './sum-marks.ts'

/**
 * Keeps the sums, always in the transaction that changes the records: at once those of the hour, and of days and months where
 * these have been made already.
 */
export interface UsageSumWriter {
  /** Adds records that are new; many of one key, account and model in one step. */
  add(rows: readonly UsageRow[]): void
  /** Adds what many records count that are known as a sum only. */
  addCounts(row: UsageRow, counts: readonly number[]): void
  /** A record has got another cost. */
  changeCost(row: UsageRow, cost: { readonly before: number | undefined; readonly after: number | undefined }): void
}

/** What names a row of sums; in it the empty text stands for "none". */
export const PLACE: readonly string[] = ['grain', 'starts_at', ...KEPT_BY]
/** The newest names of the key and the account. */
export const SUM_NAMES = ['key_name', 'account_name'] as const

/** Prepares the statements on the sums. */
export function createUsageSumWriter(connection: Connection): UsageSumWriter {
  const columns = [...PLACE, ...SUM_NAMES, ...COUNT_COLUMNS]
  const upsert = connection.prepare(`
    INSERT INTO usage_sums (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
    ON CONFLICT (${PLACE.join(', ')}) DO UPDATE SET
      ${SUM_NAMES.map((name) => `${name} = excluded.${name}`).join(', ')},
      ${COUNT_COLUMNS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`)
  const change = connection.prepare(`
    UPDATE usage_sums SET cost_micro_usd = cost_micro_usd + :cost, without_cost = without_cost + :unknown
    WHERE ${PLACE.map((name) => `${name} = :${name}`).join(' AND ')}`)
  const marks = createSumMarks(connection)

  /** Reads the marks, which hold for all rows of a transaction. */
  function openPlaces(): (row: UsageRow) => readonly Place[] {
    const read = ROLLED_LEVELS.map((level) => ({ level, mark: marks.read(level) }))
    return (row) => {
      const kept = Object.fromEntries(KEPT_BY.map((name) => [name, text(row[name])]))
      const keyId = text(row['key_id'])
      const rolled = read.flatMap(({ level, mark }) => {
        const startsAt = startOf(level, row)
        return isRolled(mark, startsAt, keyId) ? [{ grain: GRAINS[level], starts_at: startsAt, ...kept }] : []
      })
      return [{ grain: GRAINS.hours, starts_at: startOf('hours', row), ...kept }, ...rolled]
    }
  }

  function addSum(places: readonly Place[], row: UsageRow, counts: readonly number[]): void {
    const names = SUM_NAMES.map((name) => text(row[name]))
    for (const place of places) upsert.runValues([...PLACE.map((name) => place[name]), ...names, ...counts])
  }

  return {
    add: (rows) => {
      const placesOf = openPlaces()
      for (const { newest, counts } of groupsOf(rows).values()) addSum(placesOf(newest), newest, counts)
    },
    addCounts: (row, counts) => addSum(openPlaces()(row), row, counts),
    changeCost: (row, { before, after }) => {
      const cost = (after ?? 0) - (before ?? 0)
      const unknown = Number(after === undefined) - Number(before === undefined)
      for (const place of openPlaces()(row)) change.run({ ...place, cost, unknown })
    },
  }
}

type Place = Readonly<Record<string, string | number>>

function startOf(level: keyof typeof GRAINS, row: UsageRow): number {
  const start = floor(level, Number(row['started_at'] ?? 0))
  return Number.isFinite(start) ? start : 0 // beyond what a calendar knows
}

/** Records of one hour, key, account and model. */
interface Group {
  newest: UsageRow
  readonly counts: number[]
}

function groupsOf(rows: readonly UsageRow[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>()
  for (const row of rows) {
    let key = String(startOf('hours', row))
    for (const name of KEPT_BY) key += `\u0000${text(row[name])}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { newest: row, counts: countsOf(row) })
    else {
      known.newest = row
      addTo(known.counts, row)
    }
  }
  return groups
}

function text(value: UsageRow[string]): string {
  return typeof value === 'string' ? value : ''
}
