import { FIRST_SCHEMA } from './0001-first-schema.ts'

/** One step from a schema version to the next. */
export interface Migration {
  /** The version that the step leads to; the first is 1, no number is left out. */
  readonly version: number
  readonly statements: string
}

/** All steps in order. A step that has been released is never changed: add another one. */
export const MIGRATIONS: readonly Migration[] = [{ version: 1, statements: FIRST_SCHEMA }]

/** The schema version that this code reads and writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length

/** The steps that lead from a version to the newest. */
export function migrationsAfter(version: number, migrations: readonly Migration[] = MIGRATIONS): readonly Migration[] {
  return migrations.filter((migration) => migration.version > version)
}
