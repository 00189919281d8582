import type { Row } from '../rows/row.ts'
import { readList, readObject } from '../rows/row.ts'
import { isFailed } from '../rows/usage-counts.ts'
import type { UsageFilter, UsageLoss } from '../usage-record.ts'

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
  usageSource: isColumn('usage_source'),
  costSource: isColumn('cost_source'),
  endpoint: isColumn('endpoint'),
  clientFormat: isColumn('client_format'),
  upstreamFormat: isColumn('upstream_format'),
  isStream: isFlag('is_stream'),
  isDemo: isFlag('is_demo'),
  isFailed: (row, wanted) => isFailed(row) === wanted,
  hasLosses: isFlag('has_losses'),
  lossCode: (row, wanted) => readList(row, 'losses').some((loss) => (loss as UsageLoss).code === wanted), // our own type
  sessionId: isColumn('session_id'),
  tag: (row, wanted) => hasTag(readObject(row, 'tags'), String(wanted)),
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

/** Ended otherwise than complete or by the client's leaving. */
function isFlag(column: string): Test {
  return (row, wanted) => Boolean(row[column]) === wanted
}

function hasTag(tags: Readonly<Record<string, unknown>>, wanted: string): boolean {
  const end = wanted.indexOf('=')
  return end === -1 ? tags[wanted] !== undefined : tags[wanted.slice(0, end)] === wanted.slice(end + 1)
}

function isColumn(column: string): Test {
  return (row, wanted) => row[column] === wanted
}
