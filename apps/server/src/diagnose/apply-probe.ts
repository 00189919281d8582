import type { Account, AccountChange, AccountStore } from '@relay/account-store'

import { profileTroubles } from '../config/profile-troubles.ts'
import { ServerError } from '../server-error.ts'
import type { ProbeChange } from './probe-stored-account.ts'

/**
 * Writes confirmed findings of a probe into an account's settings.
 *
 * @returns the account as it is now
 * @throws ServerError `invalid_request` for a change that no probe makes; StoreError
 */
export async function applyProbe(
  store: AccountStore,
  account: Account,
  changes: readonly ProbeChange[],
): Promise<Account> {
  if (changes.length === 0) return account
  const change = changes.reduce((sum, next) => addChange(account, sum, next), {} as AccountChange)
  const [trouble] = profileTroubles(change.profile ?? {})
  if (trouble !== undefined)
    throw new ServerError('invalid_request', `profile.${trouble.path.join('.')}: ${trouble.message}`)
  // The addresses are of the host that the credential was entered for; the store cannot know that.
  const opened = change.formatBaseUrls === undefined ? undefined : await store.openCredential(account.id)
  const credential = opened?.type === 'opened' ? { credential: opened.credential } : {}
  return store.updateAccount(account.id, { ...change, ...credential })
}

function addChange(account: Account, change: AccountChange, { path, after }: ProbeChange): AccountChange {
  const [member, ...names] = path.split('.')
  switch (member) {
    case 'profile':
      return { ...change, profile: withFlag(change.profile ?? account.profile, names, after) }
    case 'formatBaseUrls': {
      const urls = change.formatBaseUrls ?? account.formatBaseUrls
      return { ...change, formatBaseUrls: { ...urls, ...urlOf(account, names, after) } }
    }
    case 'apiFormat':
      if (path === 'apiFormat' && after === 'auto') return { ...change, apiFormat: 'auto' }
      throw unknownChange(path)
    default:
      throw unknownChange(path)
  }
}

type Flags = Readonly<Record<string, unknown>>

function withFlag(profile: Flags, [group = '', name = '', ...rest]: readonly string[], value: unknown): Flags {
  const isKnown = (group === 'dialect' || group === 'model') && /^[a-zA-Z]{1,40}$/.test(name) && rest.length === 0
  if (!isKnown) throw unknownChange(`profile.${group}.${name}`)
  const flags = Object.hasOwn(profile, group) ? (profile[group] as Flags) : {} // checked when it was saved
  return { ...profile, [group]: { ...flags, [name]: value } }
}

function urlOf(account: Account, names: readonly string[], url: unknown): Readonly<Record<string, string>> {
  const [format = ''] = names
  const isFormat = format === 'claude' || format === 'openai-chat' || format === 'openai-responses'
  const isOfHost = typeof url === 'string' && URL.canParse(url) && new URL(url).host === new URL(account.baseUrl).host
  if (!isFormat || !isOfHost || names.length !== 1) throw unknownChange(`formatBaseUrls.${format}`)
  return { [format]: url }
}

function unknownChange(path: string): ServerError {
  return new ServerError('invalid_request', `${path.slice(0, 100)} is nothing that a probe changes`)
}
