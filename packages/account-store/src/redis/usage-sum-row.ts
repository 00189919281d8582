import type { Row } from '../rows/row.ts'
import { KEPT_BY } from '../rows/usage-counts.ts'

/** A record, or the sums of many that have the columns in common. */
export interface SumRow {
  /** When the record arrived, or the start of the span. */
  readonly at: number
  /** A record's own columns; of sums only what they are kept by, and the newest names. */
  readonly columns: Row
  readonly counts: readonly number[]
}

/** The field under which the sums of records like this one lie. */
export function groupOf(row: Row): string {
  return JSON.stringify(KEPT_BY.map((column) => (row[column] === '' ? null : (row[column] ?? null))))
}

/** The names that are kept with the sums; a line break would be mistaken for the end of one. */
export function namesOf(row: Row): readonly [keyName: string, accountName: string] {
  const name = (column: string): string => String(row[column] ?? '').replaceAll('\n', ' ')
  return [name('key_name'), name('account_name')]
}

/** Reads the sums of a group. */
export function toSumRow(at: number, group: string, text: string): SumRow {
  const [numbers = '', keyName = '', accountName = ''] = text.split('\n')
  // Written by `groupOf`.
  const values = JSON.parse(group) as readonly (string | null)[]
  const columns = Object.fromEntries(KEPT_BY.map((column, index) => [column, values[index] ?? null]))
  return {
    at,
    columns: { ...columns, key_name: keyName, account_name: accountName },
    counts: numbers.split(',').map(Number),
  }
}

/** The text under which the sums of a group lie, see `ADD_SUMS`. */
export function sumText(counts: readonly number[], names: readonly [keyName: string, accountName: string]): string {
  return [counts.join(','), ...names].join('\n')
}
