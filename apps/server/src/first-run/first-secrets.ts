import { randomBytes } from 'node:crypto'

import type { AccountStore } from '@relay/account-store'
import { StoreError } from '@relay/account-store'

/** The name under which the first admin signs in. */
export const ADMIN_NAME = 'admin'

const FIRST_KEY_NAME = 'first'
const PASSWORD_BYTES = 18

/**
 * Makes the first relay key of a data set.
 *
 * @returns its secret, to be shown once; `undefined` when there is or was a key already
 */
export async function makeFirstRelayKey(store: AccountStore): Promise<string | undefined> {
  if ((await store.listRelayKeys({ includeRevoked: true })).length > 0) return undefined
  return unlessTaken(async () => (await store.createRelayKey({ name: FIRST_KEY_NAME })).secret)
}

/**
 * Makes the first admin user with a random password, which has to be changed at the first sign-in.
 *
 * @returns the password, to be shown once; `undefined` when there is an admin already
 */
export async function makeFirstAdmin(store: AccountStore): Promise<string | undefined> {
  if ((await store.listAdminUsers()).length > 0) return undefined
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  return unlessTaken(async () => {
    await store.createAdminUser({ name: ADMIN_NAME, password, mustChangePassword: true })
    return password
  })
}

/** Another process on the same store may be faster; then it shows what it made. */
async function unlessTaken(make: () => Promise<string>): Promise<string | undefined> {
  try {
    return await make()
  } catch (error) {
    if (StoreError.is(error) && error.code === 'name-taken') return undefined
    throw error
  }
}
