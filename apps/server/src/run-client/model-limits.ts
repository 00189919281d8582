import type { AccountInput } from '@relay/account-store'
import { profiles, type ProfileOverrides } from '@relay/format-converter'
import { chooseUpstreamFormat, resolveModel } from '@relay/upstreams'

import type { PriceBook } from '../meter/prices/price-book.ts'

/** How much a model takes and gives, in tokens; `undefined` = not known. */
export interface ModelLimits {
  readonly contextWindow: number | undefined
  readonly maxOutputTokens: number | undefined
}

/** Where a model is asked for. */
export interface LimitRooms {
  readonly prices: Pick<PriceBook, 'modelFacts'>
  readonly account: AccountInput | undefined
}

/** What is known of a model; behind an account its own limit counts. */
export function modelLimits({ prices, account }: LimitRooms, model: string | undefined): ModelLimits {
  if (model === undefined) return { contextWindow: undefined, maxOutputTokens: undefined }
  const sent = account === undefined ? model : (resolveModel(account.models, model) ?? model)
  const priced = account === undefined ? undefined : { ...account, isDemo: account.isDemo === true }
  const facts = prices.modelFacts(priced, sent)
  const own = account?.maxOutputTokens ?? 0
  return {
    contextWindow: facts.contextWindow,
    maxOutputTokens: own > 0 ? own : (facts.maxOutputTokens ?? profileLimit(account, sent)),
  }
}

function profileLimit(account: AccountInput | undefined, model: string): number | undefined {
  if (account === undefined) return undefined
  const choice = chooseUpstreamFormat({ ...account, id: account.name }, 'anthropic-messages')
  const overrides = (account.profile ?? {}) as ProfileOverrides // checked when the account was saved
  return profiles.resolve(choice.format, model, { id: choice.profileId, ...overrides }).model.maxOutputTokens
}
