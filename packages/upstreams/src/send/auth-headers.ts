import { accountTypes } from '../types/account-types.ts'
import type { ApiFormat, AuthScheme, UpstreamAccount } from '../upstream.ts'

/** Keys that Anthropic itself issues begin like this. */
const ANTHROPIC_KEY = 'sk-ant-'

/**
 * The headers that show the account's credential to the upstream.
 *
 * OpenAI formats: `Authorization: Bearer`. Claude format: `x-api-key` for Claude Console accounts and
 * for keys that Anthropic issued, else `Authorization: Bearer`, which third-party services that
 * speak the Claude format accept. The account's `authScheme` overrides both.
 *
 * @returns names and values, alternating; empty without a credential
 */
export function authHeaders(
  account: UpstreamAccount,
  apiFormat: ApiFormat,
  credential: string | undefined,
): readonly string[] {
  if (credential === undefined || credential === '') return []
  switch (chooseScheme(account, apiFormat, credential)) {
    case 'x-api-key':
      return ['x-api-key', credential]
    case 'bearer':
      return ['authorization', `Bearer ${credential}`]
    case 'none':
      return []
  }
}

function chooseScheme(account: UpstreamAccount, apiFormat: ApiFormat, credential: string): Exclude<AuthScheme, 'auto'> {
  const own = account.authScheme ?? 'auto'
  const scheme = own === 'auto' ? accountTypes[account.type].authScheme[apiFormat] : own
  if (scheme !== 'auto') return scheme
  return credential.startsWith(ANTHROPIC_KEY) ? 'x-api-key' : 'bearer'
}
