import type { Account } from '@relay/account-store'
import { profiles, type ProfileOverrides, type UpstreamProfile } from '@relay/format-converter'
import type { UpstreamChoice } from '@relay/upstreams'

/** Models of one account whose profiles are kept; a client may ask a pass-through account for any name. */
const MAX_KEPT = 100

/** An account is a new object when anything of it has changed. */
const kept = new WeakMap<Account, Map<string, UpstreamProfile>>()

/** The shipped profile of the account's kind, with the operator's overrides and its output limit on top. */
export function accountProfile(account: Account, choice: UpstreamChoice, model: string): UpstreamProfile {
  const profilesOf = kept.get(account) ?? new Map<string, UpstreamProfile>()
  const name = `${choice.format} ${model}`
  const known = profilesOf.get(name)
  if (known !== undefined) return known
  const profile = resolve(account, choice, model)
  if (profilesOf.size >= MAX_KEPT) profilesOf.clear()
  kept.set(account, profilesOf.set(name, profile))
  return profile
}

function resolve(account: Account, choice: UpstreamChoice, model: string): UpstreamProfile {
  const overrides = account.profile as ProfileOverrides // checked when the account was saved
  const limit = account.maxOutputTokens > 0 ? { maxOutputTokens: account.maxOutputTokens } : {}
  return profiles.resolve(choice.format, model, {
    id: choice.profileId,
    ...overrides,
    model: { ...overrides.model, ...limit },
  })
}
