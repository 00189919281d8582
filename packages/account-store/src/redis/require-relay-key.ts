import { readManagedBy } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { RelayKeyWriter } from './relay-key-writer.ts'

/** @throws StoreError `name-taken` when another live key has the name */
export async function requireFreeName(table: RelayKeyWriter, name: string): Promise<void> {
  if ((await table.findByName(name)) === undefined) return
  throw new StoreError('name-taken', `there is already a relay key "${name}"`)
}

/** @throws StoreError `managed-by-config` */
export function requireOperator(row: Row): Row {
  if (readManagedBy(row) === 'operator') return row
  throw new StoreError(
    'managed-by-config',
    `relay key ${readText(row, 'id')} ("${readText(row, 'name')}") comes from the configuration file; change it there`,
  )
}
