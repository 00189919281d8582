import { StoreError } from '@relay/account-store'
import type { StoreErrorCode } from '@relay/account-store'

/** Trouble of a store that comes and goes. */
const PASSING: ReadonlySet<StoreErrorCode> = new Set([
  'store-busy',
  'store-full',
  'store-read-only',
  'store-unavailable',
])

/** Whether what failed at the store may go well a little later. */
export function mayPass(error: unknown): error is StoreError {
  return StoreError.is(error) && PASSING.has(error.code)
}
