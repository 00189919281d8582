import type { Account } from '@relay/account-store'
import { profiles, type ProfileOverrides, type UpstreamProfile } from '@relay/format-converter'
import type { UpstreamChoice } from '@relay/upstreams'

/** The shipped profile of the account's kind, with the operator's overrides and its output limit on top. */
export function accountProfile(account: Account, choice: UpstreamChoice, model: string): UpstreamProfile {
  const overrides = account.profile as ProfileOverrides // checked when the account was saved
  const limit = account.maxOutputTokens > 0 ? { maxOutputTokens: account.maxOutputTokens } : {}
  return profiles.resolve(choice.format, model, {
    id: choice.profileId,
    ...overrides,
    model: { ...overrides.model, ...limit },
  })
}
