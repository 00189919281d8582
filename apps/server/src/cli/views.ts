import type { Account, AccountStore, RelayKey, RelayKeyChange } from '@relay/account-store'
import { relayKeyStatus } from '@relay/account-store'

import { EXIT_CODES, ExitError } from '../exit-error.ts'

/** An account as `--json` shows it. */
export function accountView(account: Account): Record<string, unknown> {
  const { profile: _, timeouts: __, rules: ___, state, ...fields } = account
  return { ...fields, status: accountStatus(account), lastError: state.lastError, attention: state.attention }
}

/** A relay key as `--json` shows it. */
export function relayKeyView(key: RelayKey): Record<string, unknown> {
  return { ...key, status: relayKeyStatus(key, Date.now()) }
}

/** One word, or a few, for how an account is. */
export function accountStatus({ enabled, schedulable, state }: Account): string {
  if (!enabled) return 'disabled'
  if (state.attention !== undefined) return `needs attention (${state.attention.reason})`
  if (!schedulable) return 'paused'
  return state.cooldowns.some(({ endsAt }) => endsAt > Date.now()) ? 'cooling down' : 'ready'
}

/** Finds an account by its name, else by its id. */
export async function requireAccount(store: AccountStore, nameOrId: string): Promise<Account> {
  const accounts = await store.listAccounts()
  const found = accounts.find(({ name }) => name === nameOrId) ?? accounts.find(({ id }) => id === nameOrId)
  if (found !== undefined) return found
  throw new ExitError(
    EXIT_CODES.failed,
    `there is no account ${JSON.stringify(nameOrId.slice(0, 100))}; see: account list`,
  )
}

/** Puts the ids of accounts in the place of their names. */
export async function withAccountIds(
  store: AccountStore,
  permissions: RelayKeyChange['permissions'],
): Promise<RelayKeyChange['permissions']> {
  if (permissions?.accounts === undefined) return permissions
  const accounts = await Promise.all(permissions.accounts.map(async (name) => (await requireAccount(store, name)).id))
  return { ...permissions, accounts }
}

/** Finds a relay key by its name, else by its id. */
export async function requireRelayKey(
  store: AccountStore,
  nameOrId: string,
  options: { readonly includeRevoked?: boolean } = {},
): Promise<RelayKey> {
  const keys = await store.listRelayKeys(options)
  const found = keys.find(({ name }) => name === nameOrId) ?? keys.find(({ id }) => id === nameOrId)
  if (found !== undefined) return found
  throw new ExitError(EXIT_CODES.failed, `there is no relay key of this name or id; see: key list`)
}
