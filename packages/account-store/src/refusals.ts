import { readManagedBy } from './rows/account-rows.ts'
import type { Row } from './rows/row.ts'
import { readText } from './rows/row.ts'
import { StoreError } from './store-error.ts'

/** What has a name of its own and may come from the configuration file. */
type NamedThing = 'account' | 'relay key'

/** @throws StoreError `name-taken` when there is already one that is live */
export function requireFreeName(thing: NamedThing, name: string, holder: Row | undefined): void {
  if (holder !== undefined) throw new StoreError('name-taken', `there is already ${WITH_ARTICLE[thing]} "${name}"`)
}

const WITH_ARTICLE: Readonly<Record<NamedThing, string>> = { account: 'an account', 'relay key': 'a relay key' }

/** How a relay key comes to a secret that it did not get here. */
type SecretOrigin = 'secret declared' | 'hash imported'

/**
 * @param holder - the key that the secret belongs to already; a revoked one keeps its own, since it can be restored
 * @throws StoreError `secret-taken` when there is one
 */
export function requireFreeSecret(origin: SecretOrigin, key: Row | undefined, holder: Row | undefined): void {
  if (holder === undefined) return
  const [name, other] = [key, holder].map((row) => (row === undefined ? '' : ` "${readText(row, 'name')}"`))
  const state = holder['revoked_at'] === null ? '' : ', which is revoked'
  throw new StoreError(
    'secret-taken',
    `the ${origin} for the relay key${name} belongs to the relay key${other}${state}; choose another`,
  )
}

/** @throws StoreError `managed-by-config` for what only the file may change */
export function requireOperator(thing: NamedThing, row: Row): Row {
  if (readManagedBy(row) === 'operator') return row
  throw new StoreError(
    'managed-by-config',
    `${thing} ${readText(row, 'id')} ("${readText(row, 'name')}") comes from the configuration file; change it there`,
  )
}
