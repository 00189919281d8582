import type { AccountInput } from '@relay/account-store'
import { profiles, type ProfileOverrides } from '@relay/format-converter'
import { chooseUpstreamFormat, resolveModel } from '@relay/upstreams'

/** How much a model takes and gives, in tokens; `undefined` = not known. */
export interface ModelLimits {
  readonly contextWindow: number | undefined
  readonly maxOutputTokens: number | undefined
}

const UNKNOWN: ModelLimits = { contextWindow: undefined, maxOutputTokens: undefined }

/** What is known of a model behind an account. */
export function modelLimits(account: AccountInput | undefined, model: string | undefined): ModelLimits {
  if (account === undefined || model === undefined) return UNKNOWN
  const sent = resolveModel(account.models, model) ?? model
  const choice = chooseUpstreamFormat({ ...account, id: account.name }, 'anthropic-messages')
  const overrides = (account.profile ?? {}) as ProfileOverrides // checked when the account was saved
  const { maxOutputTokens } = profiles.resolve(choice.format, sent, { id: choice.profileId, ...overrides }).model
  const own = account.maxOutputTokens ?? 0
  return { ...UNKNOWN, maxOutputTokens: own > 0 ? own : maxOutputTokens }
}
