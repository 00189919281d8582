import { StoreError } from '../store-error.ts'
import { deriveKey } from './derive-key.ts'

/**
 * Makes the keys that `JWT_SECRET` is for, each when it is first asked for.
 *
 * @param secret - without it asking for a key throws StoreError `session-secret-missing`
 */
export function createSessionKeys(secret: string | undefined): (purpose: string) => Buffer {
  const made = new Map<string, Buffer>()
  return (purpose) => {
    const key = made.get(purpose) ?? deriveKey(requireSecret(secret), purpose)
    made.set(purpose, key)
    return key
  }
}

function requireSecret(secret: string | undefined): string {
  if (secret !== undefined) return secret
  throw new StoreError(
    'session-secret-missing',
    'the store was opened without JWT_SECRET, which logins and sessions need',
  )
}
