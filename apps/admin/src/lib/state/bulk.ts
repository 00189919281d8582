import type { BulkOutcome } from '@relay/server/admin-contract'

import { i18n } from '#lib/i18n/i18n.svelte.ts'

import { attempt } from './attempt.ts'
import { toasts } from './toasts.svelte.ts'

/** What is said afterwards. */
interface BulkWords {
  readonly all: (count: string) => string
  readonly some: (count: string, why: string) => string
}

/**
 * Does something to many at once and says how it went, and with which of them it did not.
 *
 * @returns whether it could be tried at all
 */
export async function attemptBulk(action: () => Promise<BulkOutcome>, words: BulkWords): Promise<boolean> {
  const outcome = await attempt(action)
  if (outcome === undefined) return false
  const problems = outcome.outcomes.flatMap(({ name, problem }) =>
    problem === undefined ? [] : [`${name}: ${problem}`],
  )
  const { count } = i18n.format
  if (problems.length > 0) toasts.warn(words.some(count(problems.length), problems.join('; ')))
  else toasts.say(words.all(count(outcome.outcomes.length)))
  return true
}
