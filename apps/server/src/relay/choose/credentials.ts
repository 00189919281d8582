import type { Account, AccountStore } from '@relay/account-store'

import type { Log } from '../../observe/log.ts'
import { ServerError } from '../../server-error.ts'

/** How long a decrypted credential is kept; a change of the account drops it at once. */
const TTL_MS = 60_000

interface KeptCredential {
  readonly credential: string | undefined
  readonly updatedAt: number
  readonly until: number
}

/**
 * The account's secret; `undefined` when it has none.
 *
 * @throws ServerError `upstream_auth` when it cannot be decrypted
 */
export type OpenCredential = (account: Account) => string | undefined | Promise<string | undefined>

/** Opens credentials and keeps them for a moment; each one is known to the log's redactor from then on. */
export function createCredentials(store: AccountStore, log: Log): OpenCredential {
  const kept = new Map<string, KeptCredential>()

  async function open(account: Account): Promise<string | undefined> {
    const opened = await store.openCredential(account.id)
    if (opened.type === 'unreadable')
      throw new ServerError('upstream_auth', 'the credential of this account cannot be decrypted')
    const credential = opened.type === 'opened' ? opened.credential : undefined
    if (credential !== undefined) log.hideSecret(credential)
    kept.set(account.id, { credential, updatedAt: account.updatedAt, until: Date.now() + TTL_MS })
    return credential
  }

  return (account) => {
    if (!account.hasCredential) return undefined
    const known = kept.get(account.id)
    const isFresh = known !== undefined && known.updatedAt === account.updatedAt && known.until > Date.now()
    return isFresh ? known.credential : open(account)
  }
}
