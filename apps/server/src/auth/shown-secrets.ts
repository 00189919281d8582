import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

import { ShownSecret } from '@relay/account-store'

/** What a connection showed last, in the words of its headers. */
interface Shown {
  readonly apiKey: IncomingHttpHeaders[string]
  readonly authorization: string | undefined
  readonly secrets: readonly ShownSecret[]
}

/** An agent sends the same headers with each request of a connection; with that this goes, and the secret. */
const shownBefore = new WeakMap<Socket, Shown>()

/** The secrets that a request shows, in the order in which they are tried. */
export function shownSecrets({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): readonly ShownSecret[] {
  const { 'x-api-key': apiKey, authorization } = headers
  const before = shownBefore.get(socket)
  if (before !== undefined && isSame(before.apiKey, apiKey) && isSame(before.authorization, authorization))
    return before.secrets
  const secrets = secretTexts(headers).map((text) => new ShownSecret(text))
  shownBefore.set(socket, { apiKey, authorization, secrets })
  return secrets
}

/** Takes as long wherever two texts differ: behind a proxy, clients share a connection. */
function isSame(left: IncomingHttpHeaders[string], right: IncomingHttpHeaders[string]): boolean {
  if (typeof left !== 'string' || typeof right !== 'string') return left === right
  if (left.length !== right.length) return false
  let difference = 0
  for (let index = 0; index < left.length; index += 1) difference |= left.charCodeAt(index) ^ right.charCodeAt(index)
  return difference === 0
}

const BEARER = /^bearer\s+(\S+)\s*$/i

/** Clients that find two credentials in their environment send both; one of them may be a vendor's. */
function secretTexts(headers: IncomingHttpHeaders): readonly string[] {
  const { 'x-api-key': apiKey, authorization } = headers
  const secrets: string[] = []
  if (typeof apiKey === 'string' && apiKey.trim() !== '') secrets.push(apiKey.trim())
  const bearer = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1]
  if (bearer !== undefined) secrets.push(bearer)
  return secrets
}
