import { StoreError } from '@relay/account-store'

const REFUSALS = ['invalid-input', 'name-taken', 'secret-taken']

/** Why the store refuses an object; anything else that happens is thrown on. */
export function refusalOf(error: unknown): string {
  if (StoreError.is(error) && REFUSALS.includes(error.code)) return error.message
  throw error
}

/** Why the store would refuse what is made here; `undefined` where it would not. */
export function refusalIn(make: () => unknown): string | undefined {
  try {
    make()
    return undefined
  } catch (error) {
    return refusalOf(error)
  }
}
