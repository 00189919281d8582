import type { Account } from '../account.ts'
import type { RelayKeyPermissions } from '../relay-key.ts'

/**
 * Tells whether an account may serve a relay key: one that the key names, or one of a group that it names; with neither
 * list any, except for dedicated accounts.
 */
export function mayServe(
  { id, groups, isDedicated }: Pick<Account, 'id' | 'groups' | 'isDedicated'>,
  permissions: Pick<RelayKeyPermissions, 'accounts' | 'groups'>,
): boolean {
  const isOpen = permissions.accounts === undefined && permissions.groups === undefined
  if (isOpen && !isDedicated) return true
  const isNamed = permissions.accounts?.includes(id) === true
  return isNamed || permissions.groups?.some((group) => groups.includes(group)) === true
}
