import { accountStatusSchema, accountTypeSchema } from '@relay/server/admin-contract'
import type { AccountStatus, AccountTypeName, AccountView } from '@relay/server/admin-contract'

/** What of the list is shown; fields that are there must all hold. */
export interface AccountFilters {
  /** In the name, the address or a tag. */
  readonly q: string | undefined
  readonly type: AccountTypeName | undefined
  readonly status: AccountStatus | undefined
  readonly group: string | undefined
}

/** Reads the filters of an address; what is no filter is none. */
export function readAccountFilters(query: Pick<URLSearchParams, 'get'>): AccountFilters {
  const text = (name: string): string | undefined => query.get(name) || undefined
  return {
    q: text('q'),
    type: accountTypeSchema.safeParse(query.get('type')).data,
    status: accountStatusSchema.safeParse(query.get('status')).data,
    group: text('group'),
  }
}

/** Whether anything is filtered at all. */
export function isFiltered(filters: AccountFilters): boolean {
  return Object.values(filters).some((value) => value !== undefined)
}

/** The accounts that fit. */
export function filterAccounts(accounts: readonly AccountView[], filters: AccountFilters): readonly AccountView[] {
  const { q, type, status, group } = filters
  const sought = q?.toLowerCase()
  return accounts.filter(
    (account) =>
      (sought === undefined || textOf(account).includes(sought)) &&
      (type === undefined || account.type === type) &&
      (status === undefined || account.status === status) &&
      (group === undefined || account.groups.includes(group)),
  )
}

function textOf({ name, baseUrl, tags, description }: AccountView): string {
  return [name, baseUrl, description, ...tags].join('\n').toLowerCase()
}
