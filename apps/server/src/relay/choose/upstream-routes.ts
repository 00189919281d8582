import type { Account, AccountStore } from '@relay/account-store'
import { readProxyUrl, type UpstreamRoute } from '@relay/upstreams'

import type { Log } from '../../observe/log.ts'
import { ServerError } from '../../server-error.ts'

/**
 * The way to an account's upstream, with the proxy's password.
 *
 * @throws ServerError `upstream_auth` when that cannot be decrypted
 */
export type OpenRoute = (account: Account) => UpstreamRoute | Promise<UpstreamRoute>

/** How long an opened address is kept; a change of the account drops it at once. */
const TTL_MS = 60_000

interface KeptRoute {
  readonly route: UpstreamRoute
  readonly updatedAt: number
  readonly until: number
}

/** Opens proxies' passwords and keeps them for a moment; each is known to the log's redactor from then on. */
export function createUpstreamRoutes(store: AccountStore, log: Log): OpenRoute {
  const kept = new Map<string, KeptRoute>()

  async function open(account: Account): Promise<UpstreamRoute> {
    const route = await openRoute(store, account)
    if (route.proxyUrl !== undefined) hideProxyPassword(log, route.proxyUrl)
    kept.set(account.id, { route, updatedAt: account.updatedAt, until: Date.now() + TTL_MS })
    return route
  }

  return (account) => {
    if (!account.hasProxyPassword) return openly(account)
    const known = kept.get(account.id)
    const isFresh = known !== undefined && known.updatedAt === account.updatedAt && known.until > Date.now()
    return isFresh ? known.route : open(account)
  }
}

/** See {@link OpenRoute}. */
export async function openRoute(store: AccountStore, account: Account): Promise<UpstreamRoute> {
  const { id, tlsCa, hasProxyPassword } = account
  if (!hasProxyPassword) return openly(account)
  const opened = await store.openProxyUrl(id)
  if (opened.type === 'unreadable')
    throw new ServerError('upstream_auth', 'the password of the proxy of this account cannot be decrypted')
  return { tlsCa, proxyUrl: opened.type === 'opened' ? opened.proxyUrl : undefined }
}

function openly({ proxyUrl, tlsCa }: Account): UpstreamRoute {
  return { proxyUrl, tlsCa }
}

/** A password in the address of a proxy is a secret as any other. */
export function hideProxyPassword(log: Log, proxyUrl: string): void {
  const { password } = readProxyUrl(proxyUrl)
  if (password !== '') log.hideSecret(password)
}
