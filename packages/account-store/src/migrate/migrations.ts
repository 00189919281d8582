import { FIRST_SCHEMA } from './0001-first-schema.ts'
import { ADMIN_RIGHTS } from './0002-admin-rights.ts'
import { LIMITS_SCHEMA } from './0003-limits.ts'
import { USAGE_SUMS_SCHEMA } from './0004-usage-sums.ts'
import { CAPTURES } from './0005-captures.ts'
import { NOTICES } from './0006-notices.ts'
import { PLACES } from './0007-places.ts'
import { USAGE_BY_MODEL } from './0008-usage-by-model.ts'
import { FEWER_USAGE_INDEXES } from './0009-fewer-usage-indexes.ts'
import { RESERVED_QUOTA } from './0010-reserved-quota.ts'
import { USAGE_BY_SHIFT } from './0011-usage-by-shift.ts'
import { ESTIMATED_SUMS } from './0012-estimated-sums.ts'
import { USAGE_ENDPOINT } from './0013-usage-endpoint.ts'

/** One step from a schema version to the next. */
export interface Migration {
  /** The version that the step leads to; the first is 1, no number is left out. */
  readonly version: number
  readonly statements: string
  /**
   * The oldest schema version whose code can go on with the data set after this step, so that nodes of two versions work
   * side by side during a rolling upgrade. Left out, older code refuses it. Steps that only add ("expand") name an older
   * one; what takes something away ("contract") comes a version after nobody uses it.
   */
  readonly usableFrom?: number
}

/** All steps in order; their number is the schema version that this code reads and writes. A step that has been released is never changed: add another one. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, statements: FIRST_SCHEMA },
  { version: 2, statements: ADMIN_RIGHTS, usableFrom: 1 },
  { version: 3, statements: LIMITS_SCHEMA, usableFrom: 1 },
  { version: 4, statements: USAGE_SUMS_SCHEMA, usableFrom: 1 },
  { version: 5, statements: CAPTURES, usableFrom: 1 },
  { version: 6, statements: NOTICES, usableFrom: 1 },
  { version: 7, statements: PLACES, usableFrom: 1 },
  { version: 8, statements: USAGE_BY_MODEL, usableFrom: 1 },
  { version: 9, statements: FEWER_USAGE_INDEXES, usableFrom: 1 },
  { version: 10, statements: RESERVED_QUOTA, usableFrom: 1 },
  { version: 11, statements: USAGE_BY_SHIFT, usableFrom: 1 },
  { version: 12, statements: ESTIMATED_SUMS, usableFrom: 1 },
  { version: 13, statements: USAGE_ENDPOINT, usableFrom: 1 },
]

/** The oldest schema version whose code can use what all these steps lead to. */
export function usableFrom(migrations: readonly Migration[]): number {
  return Math.max(...migrations.map((step) => step.usableFrom ?? step.version))
}
