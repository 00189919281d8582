import type { AccountType } from '@relay/account-store'
import type { UpstreamAccount } from '@relay/upstreams'
import { accountTypes, chooseUpstreamFormat, parseBaseUrl, UpstreamError } from '@relay/upstreams'

/** Why an account could never be called. */
export interface AccountTrouble {
  readonly field: 'baseUrl'
  readonly message: string
}

/**
 * Asks @relay/upstreams whether it could call such an account at all, so that a mistake shows when it is made and not at
 * the first request.
 */
export function accountTrouble(account: Omit<UpstreamAccount, 'id'>): AccountTrouble | undefined {
  try {
    const { baseUrl } = chooseUpstreamFormat({ ...account, id: account.name }, 'anthropic-messages')
    parseBaseUrl(baseUrl)
    return undefined
  } catch (error) {
    if (!UpstreamError.is(error)) throw error
    return { field: 'baseUrl', message: error.message }
  }
}

/** The address an account of this type has when none is given. */
export function defaultBaseUrl(type: AccountType): string | undefined {
  return accountTypes[type].defaultBaseUrl
}
