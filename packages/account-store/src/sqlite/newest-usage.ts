import type { Row } from '../rows/row.ts'
import type { UsageFilter } from '../usage-record.ts'
import type { Connection, Parameters, Statement } from './connection.ts'
import { toCondition } from './usage-conditions.ts'
import type { Shifts, UsageTimes } from './usage-shifts.ts'
import {
  createUsageTimes,
  shiftCondition,
  shiftParameters,
  isFoundByShift,
  recordsFor,
  SHIFT_MS,
} from './usage-shifts.ts'

/** Which records are wanted, and what of them. */
export interface NewestQuery {
  /** Columns, `started_at` and `id` among them. */
  readonly columns: string
  readonly filter: UsageFilter
  readonly limit: number
  /** Only records before this one, in the order of pages. */
  readonly after?: { readonly startedAt: number; readonly id: number } | undefined
  /** A further condition. */
  readonly condition?: string
}

/** Reads records, newest first. */
export type ReadNewest = (query: NewestQuery) => readonly Row[]

/** So many more shifts are looked through each time where records are found shift by shift. */
const GROWTH = 32

/** Prepares the reading of records. */
export function createReadNewest(connection: Connection): ReadNewest {
  const times = createUsageTimes(connection)
  const prepared = new Map<string, Statement>()

  // A filter has few shapes, and each is prepared once.
  function read(query: NewestQuery, shifts?: Shifts): readonly Row[] {
    const sql = toSql(query, shifts)
    const statement = prepared.get(sql) ?? connection.prepare(sql)
    prepared.set(sql, statement)
    return statement.all({ ...parametersOf(query), ...(shifts && shiftParameters(query.filter, shifts)) })
  }

  return (query) => {
    const { filter, after, limit } = query
    if (!isFoundByShift(filter)) return read(query)
    const before = Math.min(filter.before ?? Infinity, (after?.startedAt ?? Infinity) + 1)
    const rows: Row[] = []
    for (const shifts of windows(times, { from: filter.from, before })) {
      rows.push(...read({ ...query, limit: limit - rows.length }, shifts))
      if (rows.length >= limit) break
    }
    return rows
  }
}

/** From the newest shift to the oldest: most who ask want few records, and these are new. Where nobody was there, nobody looks. */
function* windows(
  times: UsageTimes,
  { from, before }: { readonly from: number | undefined; readonly before: number },
): Generator<Shifts, void, undefined> {
  const { first, last } = times.shiftsOf({ from, before })
  let end: number | undefined = last
  for (let length = 1; end !== undefined && end >= first; length *= GROWTH) {
    const begin: number = Math.max(first, end - length + 1)
    yield { first: begin, last: end }
    end = times.newestBefore(begin * SHIFT_MS)
  }
}

const NEWEST_FIRST = ' ORDER BY started_at DESC, id DESC LIMIT :limit'

/** A model is looked for under each of its two names by an index of that name: with OR, a rare one would cost the whole history. */
function toSql({ columns, filter: { model, ...rest }, after, condition }: NewestQuery, shifts?: Shifts): string {
  const always = [
    ...(after === undefined ? [] : ['(started_at, id) < (:afterTime, :afterId)']),
    ...(condition === undefined ? [] : [condition]),
    ...(shifts === undefined ? [] : shiftCondition(rest, shifts)),
  ]
  const isInOrder = shifts === undefined || shifts.first === shifts.last
  const select = (more: readonly string[]): string => {
    const from = `FROM ${recordsFor(rest)}${toCondition(rest, [...always, ...more]).where}${NEWEST_FIRST}`
    // Of many shifts the index tells the records in the order of each: what is sorted is their ids only.
    return `SELECT ${columns} ${isInOrder ? from : `FROM usage_records WHERE id IN (SELECT id ${from})${NEWEST_FIRST}`}`
  }
  if (model === undefined) return select([])
  const asked = select(['model_asked = :model'])
  const served = select(['model_served = :model', 'model_served IS NOT model_asked'])
  return `SELECT * FROM (${asked}) UNION ALL SELECT * FROM (${served})${NEWEST_FIRST}`
}

function parametersOf({ filter: { model, ...rest }, after, limit }: NewestQuery): Parameters {
  return {
    ...toCondition(rest).parameters,
    ...(model === undefined ? {} : { model }),
    ...(after === undefined ? {} : { afterTime: after.startedAt, afterId: after.id }),
    limit,
  }
}
