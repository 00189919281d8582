import type { Account, AccountStore, Cooldown, RelayKey, RelayKeyChange } from '@relay/account-store'
import { relayKeyStatus } from '@relay/account-store'

import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { oneLine } from './report.ts'

/** An account as `--json` shows it. */
export function accountView(account: Account): Record<string, unknown> {
  const { profile: _, timeouts: __, rules: ___, state, ...fields } = account
  const { lastSuccessAt, lastError, attention, refusedParameters } = state
  const cooldowns = runningCooldowns(account)
  return {
    ...fields,
    status: accountStatus(account),
    lastSuccessAt,
    lastError,
    attention,
    cooldowns,
    refusedParameters,
  }
}

/** A relay key as `--json` shows it. */
export function relayKeyView(key: RelayKey): Record<string, unknown> {
  return { ...key, status: relayKeyStatus(key, Date.now()) }
}

/** One word, or a few, for how an account is. */
export function accountStatus(account: Account): string {
  const { enabled, schedulable, expiresAt, state } = account
  if (!enabled) return 'disabled'
  if (expiresAt !== undefined && expiresAt <= Date.now()) return `expired (${writeTime(expiresAt)})`
  if (state.attention !== undefined) return `needs attention (${state.attention.reason})`
  if (!schedulable) return 'paused'
  if (isQuotaUsedUp(account)) return `daily quota used up (until ${writeTime(state.quota?.resetsAt ?? 0)})`
  const [cooldown] = runningCooldowns(account).toSorted((left, right) => right.endsAt - left.endsAt)
  if (cooldown === undefined) return 'ready'
  const { cause, model, endsAt } = cooldown
  return `cooling down (${cause}, ${oneLine(model.slice(0, 60))}, until ${writeTime(endsAt)})`
}

function isQuotaUsedUp({ dailyQuota, state: { quota } }: Account): boolean {
  if (dailyQuota === undefined || quota === undefined) return false
  return quota.usedMicroUsd >= dailyQuota.limitMicroUsd && quota.resetsAt > Date.now()
}

function writeTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

/** Which models rest, why and until when. */
function runningCooldowns({ state }: Account): readonly Cooldown[] {
  return state.cooldowns.filter(({ endsAt }) => endsAt > Date.now())
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
  if (options.includeRevoked !== true) {
    const { name } = await requireRelayKey(store, nameOrId, { includeRevoked: true })
    throw new ExitError(
      EXIT_CODES.failed,
      `the relay key ${JSON.stringify(name)} is revoked; bring it back with: key restore`,
    )
  }
  throw new ExitError(EXIT_CODES.failed, 'there is no relay key of this name or id; see: key list')
}
