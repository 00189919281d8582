import { credentialContext, proxyContext } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'

/** A column whose texts are sealed. */
export interface SealedPlace {
  readonly table: string
  /** Column that names a row. */
  readonly id: string
  readonly column: string
  /** What the text of a row is sealed for. */
  readonly context: (row: Row) => string
}

/** Every column that holds sealed texts: what is not here is lost when the encryption key is rotated. A test looks for others. */
export const SEALED_PLACES: readonly SealedPlace[] = [
  { table: 'accounts', id: 'id', column: 'credential', context: (row) => credentialContext(readText(row, 'id')) },
  { table: 'accounts', id: 'id', column: 'proxy_password', context: (row) => proxyContext(readText(row, 'id')) },
  {
    table: 'responses',
    id: 'number',
    column: 'body',
    context: (row) => `response:${readText(row, 'key_id')}:${readText(row, 'id')}`,
  },
  {
    table: 'captures',
    id: 'number',
    column: 'body',
    context: (row) => `capture:${readText(row, 'key_id')}:${readText(row, 'request_id')}`,
  },
]
