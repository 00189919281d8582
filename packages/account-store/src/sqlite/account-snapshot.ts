import type { Account, Cooldown } from '../account.ts'
import { toAccount, toCooldown } from '../rows/account-rows.ts'
import { readNumber, readText } from '../rows/row.ts'
import type { StoreContext } from './context.ts'

/** All accounts, kept in memory for as long as no process changes one. */
export interface AccountSnapshot {
  /** By age; at most 250 ms behind other processes, never behind this one. */
  list(): readonly Account[]
  get(id: string): Account | undefined
}

/** Makes the snapshot; after a change it reads the changed accounts only. */
export function createAccountSnapshot(context: StoreContext): AccountSnapshot {
  const { durable, accountRevision } = context
  const selectChanged = durable.prepare('SELECT * FROM accounts WHERE revision > :revision')
  const selectCooldowns = durable.prepare(`
    SELECT cooldowns.* FROM cooldowns JOIN accounts ON accounts.id = cooldowns.account_id
    WHERE accounts.revision > :revision ORDER BY cooldowns.model`)
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
    const cooldowns = groupCooldowns()
    for (const row of selectChanged.all({ revision })) {
      const id = readText(row, 'id')
      accounts.set(id, toAccount(row, cooldowns.get(id) ?? []))
    }
    sorted = [...accounts.values()].toSorted(byAge)
    revision = latest
  }

  function groupCooldowns(): ReadonlyMap<string, readonly Cooldown[]> {
    const groups = new Map<string, Cooldown[]>()
    for (const row of selectCooldowns.all({ revision })) {
      const id = readText(row, 'account_id')
      groups.set(id, [...(groups.get(id) ?? []), toCooldown(row)])
    }
    return groups
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

function byAge(left: Account, right: Account): number {
  return left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1)
}
