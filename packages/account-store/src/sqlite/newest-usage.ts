import type { Row } from '../rows/row.ts'
import type { UsageFilter } from '../usage-record.ts'
import type { Connection, Parameters, Statement } from './connection.ts'
import { toCondition } from './usage-conditions.ts'
import type { Hours } from './usage-hours.ts'
import { createHoursOf, hourCondition, hourParameters, isFoundByHour, recordsFor } from './usage-hours.ts'

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

/** Hours that are looked through first where records are found by the hour; then four times as many. */
const FIRST_HOURS = 24

/** Prepares the reading of records. */
export function createReadNewest(connection: Connection): ReadNewest {
  const hoursOf = createHoursOf(connection)
  const prepared = new Map<string, Statement>()

  // A filter has few shapes, and each is prepared once.
  function read(query: NewestQuery, parameters: Parameters): readonly Row[] {
    const sql = toSql(query)
    const statement = prepared.get(sql) ?? connection.prepare(sql)
    prepared.set(sql, statement)
    return statement.all({ ...parametersOf(query), ...parameters })
  }

  return (query) => {
    const { filter, after, limit } = query
    if (!isFoundByHour(filter)) return read(query, {})
    const before = Math.min(filter.before ?? Infinity, (after?.startedAt ?? Infinity) + 1)
    const rows: Row[] = []
    for (const hours of windows(hoursOf({ from: filter.from, before }))) {
      rows.push(...read({ ...query, limit: limit - rows.length }, hourParameters(filter, hours)))
      if (rows.length >= limit) break
    }
    return rows
  }
}

/** From the newest hour to the oldest: most who ask want few records, and these are new. */
function* windows({ first, last }: Hours): Generator<Hours, void, undefined> {
  let end = last
  for (let length = FIRST_HOURS; end >= first; length *= 4) {
    const begin = Math.max(first, end - length + 1)
    yield { first: begin, last: end }
    end = begin - 1
  }
}

const NEWEST_FIRST = ' ORDER BY started_at DESC, id DESC LIMIT :limit'

/** A model is looked for under each of its two names by an index of that name: with OR, a rare one would cost the whole history. */
function toSql({ columns, filter: { model, ...rest }, after, condition }: NewestQuery): string {
  const always = [
    ...(after === undefined ? [] : ['(started_at, id) < (:afterTime, :afterId)']),
    ...(condition === undefined ? [] : [condition]),
    ...hourCondition(rest),
  ]
  const select = (more: readonly string[]): string =>
    `SELECT ${columns} FROM ${recordsFor(rest)}${toCondition(rest, [...always, ...more]).where}${NEWEST_FIRST}`
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
