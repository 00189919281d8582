import { readManagedBy } from '../rows/account-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'

/** @throws StoreError `name-taken` for what was made by hand: the file does not change it */
export function requireDeclared(row: Row, kind: string): void {
  if (readManagedBy(row) === 'config') return
  throw new StoreError(
    'name-taken',
    `names the ${kind} "${readText(row, 'name')}", which was made by hand; rename one of them`,
  )
}

/** @throws StoreError `invalid-input` for a list that names two things alike */
export function requireDistinctNames(list: string, declared: readonly { readonly name: string }[]): void {
  const seen = new Map<string, number>()
  for (const [index, { name }] of declared.entries()) {
    const earlier = seen.get(name)
    if (earlier !== undefined) {
      throw new StoreError('invalid-input', `${list}[${index}].name is the name of ${list}[${earlier}], too`)
    }
    seen.set(name, index)
  }
}

/** The id of an account that a key names. @throws StoreError `invalid-input` when there is none */
export function requireNamedAccount(row: Row | undefined, name: string): string {
  if (row !== undefined) return readText(row, 'id')
  throw new StoreError('invalid-input', `permissions.accounts names "${name}", and there is no such account`)
}
