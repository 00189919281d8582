import { credentialContext, proxyContext } from '../rows/account-rows.ts'
import { foreignSuffixContext } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'

/** A column whose texts are sealed. */
export interface SealedPlace {
  readonly table: string
  /** Column that names a row. */
  readonly id: string
  readonly column: string
  /** What the text of a row is sealed for. */
  readonly context: (row: Row) => string
  /** A condition on the rows of which this is so, and the same as a function; left out, all of them. */
  readonly where?: string
  readonly isSealed?: (row: Row) => boolean
}

/** What the names of sealed settings begin with. */
const SEALED_SETTING = 'sealed.'

/** Every column that holds sealed texts: what is not here is lost when the encryption key is rotated. A test looks for others. */
export const SEALED_PLACES: readonly SealedPlace[] = [
  { table: 'accounts', id: 'id', column: 'credential', context: (row) => credentialContext(readText(row, 'id')) },
  { table: 'accounts', id: 'id', column: 'proxy_password', context: (row) => proxyContext(readText(row, 'id')) },
  {
    table: 'foreign_suffixes',
    id: 'id',
    column: 'sealed',
    context: (row) => foreignSuffixContext(readNumber(row, 'id')),
  },
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
  {
    table: 'settings',
    id: 'name',
    column: 'value',
    context: (row) => `setting:${readText(row, 'name').slice(SEALED_SETTING.length)}`,
    where: `name LIKE '${SEALED_SETTING}%'`,
    isSealed: (row) => readText(row, 'name').startsWith(SEALED_SETTING),
  },
]

/** Where a column of a row is sealed; `undefined` when it is not. */
export function sealedPlace(table: string, column: string, row: Row): SealedPlace | undefined {
  return SEALED_PLACES.find(
    (place) => place.table === table && place.column === column && (place.isSealed?.(row) ?? true),
  )
}
