import type { Account } from '../account.ts'
import { toAccount } from '../rows/account-rows.ts'
import { readNumber, readText } from '../rows/row.ts'
import type { AccountStateReader } from './account-state-reader.ts'
import type { StoreContext } from './context.ts'

/** All accounts, kept in memory for as long as no process changes one. */
export interface AccountSnapshot {
  /** By age; at most 250 ms behind other processes, never behind this one. */
  list(): readonly Account[]
  get(id: string): Account | undefined
}

/** Makes the snapshot; after a change it reads the changed accounts only. */
export function createAccountSnapshot(context: StoreContext, states: AccountStateReader): AccountSnapshot {
  const { durable, accountRevision } = context
  const selectChanged = durable.prepare('SELECT * FROM accounts WHERE revision > :revision')
  const selectRemoval = durable.prepare(`SELECT value FROM meta WHERE name = 'accounts-removed-at-revision'`)
  const accounts = new Map<string, Account>()
  let sorted: readonly Account[] = []
  let revision = 0

  function refresh(): void {
    // Read before the rows: what changes in between is read once more, never missed.
    const latest = accountRevision.latest()
    if (latest === revision) return
    if (readNumber(selectRemoval.get() ?? {}, 'value') > revision) {
      accounts.clear()
      revision = 0
    }
    const partsOf = states.readChanged(revision)
    for (const row of selectChanged.all({ revision })) accounts.set(readText(row, 'id'), toAccount(row, partsOf(row)))
    sorted = inOrder(sorted, accounts)
    revision = latest
  }

  return {
    list: () => {
      refresh()
      return sorted
    },
    get: (id) => {
      refresh()
      return accounts.get(id)
    },
  }
}

/** The accounts by age; sorted afresh only when others are there than before: states change with every few requests. */
function inOrder(before: readonly Account[], accounts: ReadonlyMap<string, Account>): readonly Account[] {
  const same = before.flatMap(({ id }) => accounts.get(id) ?? [])
  return same.length === accounts.size ? same : [...accounts.values()].toSorted(byAge)
}

function byAge(left: Account, right: Account): number {
  return left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1)
}
