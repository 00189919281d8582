import { reachesNewAddress } from './account-settings.ts'
import type { AccountSettings } from './account.ts'
import type { SecretBox } from './crypto/secret-box.ts'
import { joinProxyUrl } from './proxy-url.ts'
import { credentialContext, proxyContext, readSettings } from './rows/account-rows.ts'
import type { Row } from './rows/row.ts'
import { readOptionalText } from './rows/row.ts'
import { StoreError } from './store-error.ts'
import type { AccountRoom } from './store/account-room.ts'
import type { AccountStateRoom } from './store/account-state-room.ts'

/** What the secrets of accounts are opened with. */
export interface AccountSecretParts {
  readonly box: SecretBox
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly setAttention: AccountStateRoom['setAttention']
  /** The account as it is stored.
   * @throws StoreError `not-found` */
  readonly find: (id: string) => Row | Promise<Row>
}

/** Opens the secrets of accounts; of an account whose secret cannot be opened everybody is told. */
export function createAccountSecrets(parts: AccountSecretParts): Pick<AccountRoom, 'openCredential' | 'openProxyUrl'> {
  const { box, now, setAttention, find } = parts

  async function markUnreadable(id: string, message: string): Promise<{ readonly type: 'unreadable' }> {
    await setAttention(id, { since: now(), reason: 'credential-unreadable', message })
    return { type: 'unreadable' }
  }

  return {
    openCredential: async (id) => {
      const sealed = readOptionalText(await find(id), 'credential')
      if (sealed === undefined) return { type: 'none' }
      const credential = box.open(sealed, credentialContext(id))
      if (credential !== undefined) return { type: 'opened', credential }
      return markUnreadable(id, 'the stored credential cannot be decrypted; enter it again')
    },
    openProxyUrl: async (id) => {
      const row = await find(id)
      const { proxyUrl } = readSettings(row)
      if (proxyUrl === undefined) return { type: 'none' }
      const sealed = readOptionalText(row, 'proxy_password')
      if (sealed === undefined) return { type: 'opened', proxyUrl }
      const password = box.open(sealed, proxyContext(id))
      if (password !== undefined) return { type: 'opened', proxyUrl: joinProxyUrl(proxyUrl, password) }
      return markUnreadable(id, 'the stored password of the proxy cannot be decrypted; enter the proxy again')
    },
  }
}

/**
 * A stored credential goes to no new host.
 *
 * @param credential - what the change says of it: `undefined` keeps it
 * @throws StoreError `credential-required`
 */
export function requireCredentialForMove(
  row: Row,
  after: AccountSettings,
  credential: string | null | undefined,
): void {
  const keepsCredential = readOptionalText(row, 'credential') !== undefined && credential === undefined
  if (!keepsCredential || !reachesNewAddress(readSettings(row), after)) return
  throw new StoreError(
    'credential-required',
    `account "${after.name}" gets a new address; enter its credential again, a stored one is never sent to a new host`,
  )
}
