import type { IncomingMessage } from 'node:http'

import type { AccountStore, RelayKey, ShownSecret } from '@relay/account-store'
import { fitsAddressList, fitsPattern, relayKeyStatus } from '@relay/account-store'
import type { FormatName } from '@relay/format-converter'

import { ServerError } from '../server-error.ts'
import { clientAddress } from './client-address.ts'
import { shownSecrets } from './shown-secrets.ts'

/** What authentication needs. */
export interface AuthRooms {
  readonly store: AccountStore
  /** Addresses and networks of the proxies in front of Relay. */
  readonly trustedProxies: readonly string[]
}

/**
 * Finds the relay key that a request shows, in `x-api-key` or `Authorization: Bearer`, on every surface alike, and checks
 * whether it may be used at all and from there.
 *
 * @throws ServerError `authentication`, `permission`; StoreError when the store cannot be asked
 */
export async function authenticate(
  { store, trustedProxies }: AuthRooms,
  incoming: Pick<IncomingMessage, 'headers' | 'socket'>,
): Promise<RelayKey> {
  const secrets = shownSecrets(incoming)
  if (secrets.length === 0) {
    throw new ServerError(
      'authentication',
      'no relay key: send it as "x-api-key: <key>" or "Authorization: Bearer <key>"',
    )
  }
  const key = await findKey(store, secrets)
  if (key === undefined)
    throw new ServerError('authentication', 'this relay key is not known; ask the operator of this Relay for one')
  const status = relayKeyStatus(key, Date.now())
  if (status !== 'active')
    throw new ServerError('authentication', `this relay key is ${status}; ask the operator of this Relay`)
  const { addresses } = key.permissions
  if (addresses !== undefined && !fitsAddressList(addresses, clientAddress(incoming, trustedProxies))) {
    store.recordRejection({ keyId: key.id, reason: 'address' })
    throw new ServerError(
      'permission',
      'this relay key may not be used from this address; ask the operator of this Relay',
    )
  }
  return key
}

/**
 * Checks what the key may use.
 *
 * @throws ServerError `permission`
 */
export function authorise(key: RelayKey, request: { readonly format: FormatName; readonly model: string }): void {
  const { formats } = key.permissions
  if (formats !== undefined && !formats.includes(request.format)) {
    throw new ServerError(
      'permission',
      `this relay key may not use the ${request.format} format; it may use ${formats.join(', ')}`,
    )
  }
  if (!mayUseModel(key, request.model)) {
    throw new ServerError(
      'permission',
      `this relay key may not use the model ${JSON.stringify(request.model.slice(0, 100))}`,
    )
  }
}

/** Whether the key may ask for this model at all. */
export function mayUseModel(key: RelayKey, model: string): boolean {
  return key.permissions.models?.some((pattern) => fitsPattern(pattern, model)) ?? true
}

async function findKey(store: AccountStore, secrets: readonly ShownSecret[]): Promise<RelayKey | undefined> {
  for (const secret of secrets) {
    const key = await store.findRelayKey(secret)
    if (key !== undefined) return key
  }
  return undefined
}
