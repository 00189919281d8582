import { readOptionalNumber } from '../rows/row.ts'
import { ceil } from '../usage-spans.ts'
import type { Connection } from './connection.ts'
import type { MetaName } from './meta.ts'

/** Grains of the rows of sums, all in UTC. */
export const GRAINS = { hours: 0, days: 1, months: 2 } as const

/** Levels whose sums are made of those of the level below when a span is over. */
export const ROLLED_LEVELS = ['days', 'months'] as const
export type RolledLevel = (typeof ROLLED_LEVELS)[number]

/** How far that has come: spans that begin before `before` are done, and of the one that begins there the keys before `key`. */
export interface SumMark {
  /** Milliseconds since the epoch. */
  readonly before: number
  readonly key: string
}

/** The marks of a data set; always read and written in the transaction that changes the sums. */
export interface SumMarks {
  read(level: RolledLevel): SumMark
  write(level: RolledLevel, mark: SumMark): void
}

const NAMES: Readonly<Record<RolledLevel, MetaName>> = { days: 'usage-days-until', months: 'usage-months-until' }

/** Prepares the statements on the marks. */
export function createSumMarks(connection: Connection): SumMarks {
  const find = connection.prepare('SELECT value FROM meta WHERE name = :name')
  const put = connection.prepare(`
    INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value`)
  return {
    read: (level) => {
      const [before = '0', key = ''] = String(find.get({ name: NAMES[level] })?.['value'] ?? '').split(':')
      return { before: Number(before), key }
    },
    write: (level, { before, key }) => void put.run({ name: NAMES[level], value: `${before}:${key}` }),
  }
}

/** All sums that there are have been put there as a whole: the marks say so. */
export function markAllComplete(connection: Connection): void {
  const marks = createSumMarks(connection)
  const newest = connection.prepare('SELECT max(starts_at) AS starts_at FROM usage_sums WHERE grain = :grain')
  for (const level of ROLLED_LEVELS) {
    const startsAt = readOptionalNumber(newest.get({ grain: GRAINS[level] }) ?? {}, 'starts_at')
    marks.write(level, { before: startsAt === undefined ? 0 : ceil(level, startsAt + 1), key: '' })
  }
}

/** Whether the sums of a key and a span are there, so that what comes late has to be added to them. */
export function isRolled(mark: SumMark, startsAt: number, keyId: string): boolean {
  return startsAt < mark.before || (startsAt === mark.before && keyId < mark.key)
}
