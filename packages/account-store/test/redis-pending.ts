import type { ConformanceTest } from '../src/conformance/store-conformance.ts'

/** Promises of the port that the Redis backend does not keep yet. */
const PENDING: ReadonlySet<string> = new Set([
  "a proxy's password is shown nowhere and opened whole",
  'a proxy entered as it was shown keeps its password, another one replaces it',
  'what an account costs is counted over all nodes and starts again with the next day of its zone',
  'cost is not counted without a quota, and a removed account is no error',
  'a refused parameter is remembered for its model until the account is edited or cleared',
  'another encryption key is put in force while every node goes on',
  'everything is carried into an empty data set, where keys and accounts work as before',
  'history of another system is in the sums, once',
  'a load that breaks off leaves nothing behind',
  'sums by any filter, span and group equal the sums of the records, exactly',
  'spans and groups come in order, with the newest name of a key',
  'days begin where the zone says, also when its clocks change',
  'a cost that is changed later changes the sums with it, once',
  'old records go, their sums stay',
  'a request whose process died is recorded, once, as interrupted',
  'how long requests took, and what they lost',
])

/** The suite without what is pending. */
export function withoutPending(tests: readonly ConformanceTest[]): readonly ConformanceTest[] {
  return tests.filter(({ name }) => !PENDING.has(name))
}
