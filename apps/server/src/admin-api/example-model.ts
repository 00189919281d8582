import { fitsPattern } from '@relay/account-store'
import type { Account } from '@relay/account-store'

import type { PriceBook } from '../meter/prices/price-book.ts'

/** For a first request, the usual one first; which of them a service has is told by its list of prices. */
const WELL_KNOWN_MODELS = [
  'claude-sonnet-4-5',
  'gpt-5.2',
  'gpt-5',
  'gemini-2.5-pro',
  'deepseek-chat',
  'kimi-k2-thinking',
  'glm-4.6',
  'grok-4',
  'mistral-large-latest',
] as const

/**
 * A model to try: a well-known one that an enabled account takes and its service has a price for, else one that an
 * account names in full, else a well-known one that an account takes.
 */
export function findExampleModel(accounts: readonly Account[], prices: PriceBook): string | undefined {
  const enabled = accounts.filter((account) => account.enabled)
  const taken = WELL_KNOWN_MODELS.filter((model) => enabled.some((account) => takes(account, model)))
  const served = taken.find((model) => enabled.some((account) => takes(account, model) && has(account, model, prices)))
  return served ?? enabled.flatMap(namesOf).find((name) => !name.includes('*')) ?? taken[0]
}

/** Where no models are listed, every model is passed through. */
function namesOf({ models }: Account): readonly string[] {
  return models === undefined ? ['*'] : Object.keys(models)
}

function takes(account: Account, model: string): boolean {
  return namesOf(account).some((pattern) => fitsPattern(pattern, model))
}

/** A model that is mapped to another name is served under that name. */
function has({ name, baseUrl, isDemo, models }: Account, model: string, prices: PriceBook): boolean {
  if (models !== undefined) return true
  return isDemo || prices.priceOf({ name, baseUrl, isDemo }, model, Date.now()) !== undefined
}
