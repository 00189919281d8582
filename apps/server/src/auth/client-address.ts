import type { IncomingMessage } from 'node:http'

import { fitsAddressList } from '@relay/account-store'

/**
 * Where a request comes from. `X-Forwarded-For` counts only as far as configured proxies have written it: read from its end, the
 * first address that is no such proxy is the client.
 *
 * @param trustedProxies - addresses and networks of the proxies in front of Relay
 */
export function clientAddress(
  {
    socket,
    headers,
  }: Pick<IncomingMessage, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } },
  trustedProxies: readonly string[],
): string | undefined {
  const { remoteAddress } = socket
  if (!fitsAddressList(trustedProxies, remoteAddress)) return remoteAddress
  const forwarded = headers['x-forwarded-for']
  const text = Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')
  const hops = text
    .split(',')
    .map(withoutPort)
    .filter((hop) => hop !== '')
  return hops.findLast((hop) => !fitsAddressList(trustedProxies, hop)) ?? hops[0] ?? remoteAddress
}

/** Some proxies write the port, too: `192.0.2.1:443`, `[2001:db8::1]:443`. */
function withoutPort(hop: string): string {
  const text = hop.trim()
  return /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text
}
