import { ApiError } from '#lib/api/api-error.ts'
import { describeProblem } from '#lib/i18n/describe-problem.ts'

import { toasts } from './toasts.svelte.ts'

/**
 * Does something and says how it went: `done` when it went well, what went wrong otherwise.
 *
 * @returns what the action gave; `undefined` when it failed
 */
export async function attempt<Value>(action: () => Promise<Value>, done?: string): Promise<Value | undefined> {
  try {
    const value = await action()
    if (done !== undefined) toasts.say(done)
    return value
  } catch (error) {
    toasts.warn(describeProblem(ApiError.from(error)))
    return undefined
  }
}
