import type { Row } from '../rows/row.ts'
import type { UsageFilter } from '../usage-record.ts'

type Test = (row: Row, wanted: unknown) => boolean

/** What each field of a filter asks of a record. */
const TESTS: Readonly<Record<keyof UsageFilter, Test>> = {
  keyId: isColumn('key_id'),
  owner: isColumn('owner'),
  team: isColumn('team'),
  accountId: isColumn('account_id'),
  model: (row, wanted) => row['model_asked'] === wanted || row['model_served'] === wanted,
  status: isColumn('status'),
  reason: isColumn('reason'),
  from: (row, wanted) => Number(row['started_at']) >= Number(wanted),
  before: (row, wanted) => Number(row['started_at']) < Number(wanted),
}

/** Makes the test of a filter. */
export function usageMatcher(filter: UsageFilter): (row: Row) => boolean {
  const tests = Object.keys(TESTS)
    .map((name) => name as keyof UsageFilter) // the keys of a record that is keyed by exactly these
    .flatMap((name) => (filter[name] === undefined ? [] : [{ test: TESTS[name], wanted: filter[name] }]))
  return (row) => tests.every(({ test, wanted }) => test(row, wanted))
}

function isColumn(column: string): Test {
  return (row, wanted) => row[column] === wanted
}
