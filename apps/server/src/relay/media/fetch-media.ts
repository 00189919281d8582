import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'

import type { Sender, TransportFailure, WholeAnswer } from '@relay/upstreams'

import { type FetchedMedia, isText, type MediaKind, type MediaPlace } from './media-places.ts'

/** One address, fetched or not. `reason` is for the client: it names neither addresses of this network nor bodies. */
export type MediaResult =
  | { readonly ok: true; readonly media: FetchedMedia }
  | { readonly ok: false; readonly reason: string }

/** Bounds of what is fetched for one request (`reliability` 12.3). */
const MAX_BYTES = 10 * 1024 * 1024
const MAX_MS = 10_000
const MAX_ADDRESSES = 16
const MAX_TOTAL_BYTES = 32 * 1024 * 1024
const AT_ONCE = 4
/** Each of them passes the network guard anew. */
const MAX_REDIRECTS = 3

const PICTURES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])
const DOCUMENTS: ReadonlySet<string> = new Set([...PICTURES, 'application/pdf'])
/** What a server sends in place of what it was asked for. */
const PAGES: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml'])

export interface MediaErrand {
  readonly sender: Pick<Sender, 'sendWhole' | 'forget'>
  /** Ends everything when the client leaves. */
  readonly signal: AbortSignal
}

/**
 * Fetches what stands at the addresses, each once. Every connection passes the network guard; no credential, cookie or
 * header of the client goes along.
 *
 * @returns what became of each address
 */
export async function fetchMedia(
  errand: MediaErrand,
  places: readonly MediaPlace[],
): Promise<ReadonlyMap<string, MediaResult>> {
  const results = new Map<string, MediaResult>()
  const waiting = [...new Map(places.map((place) => [place.url, place])).values()]
  for (const { url } of waiting.splice(MAX_ADDRESSES)) results.set(url, TOO_MANY)
  let room = MAX_TOTAL_BYTES
  async function work(): Promise<void> {
    for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
      const result = await fetchOne(errand, place)
      room -= result.ok ? result.media.bytes.length : 0
      results.set(place.url, room < 0 ? TOO_MUCH : result)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

const TOO_MANY = failed(`a request may name at most ${MAX_ADDRESSES} addresses of pictures and documents`)
const TOO_MUCH = failed(`pictures and documents of a request may have at most ${MAX_TOTAL_BYTES >> 20} MB together`)

async function fetchOne(errand: MediaErrand, place: MediaPlace): Promise<MediaResult> {
  const deadline = performance.now() + MAX_MS
  let address = readAddress(place.url)
  for (let hop = 0; hop <= MAX_REDIRECTS && address !== undefined; hop += 1) {
    const result = await ask(errand, address, deadline - performance.now())
    if (!result.ok) return failed(REASONS[result.failure.code] ?? 'it could not be fetched')
    const { answer } = result
    if (answer.status === 200) return readMedia(answer, place.kind)
    const next = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : undefined
    if (next === undefined) return failed(`its server answered with status ${answer.status}`)
    address = readAddress(next, address)
  }
  return failed(address === undefined ? 'its address cannot be used' : 'it is moved from one address to the next')
}

/** Words for the client: what is inside this network is none of its business. */
const REASONS: Readonly<Partial<Record<TransportFailure['code'], string>>> = {
  'blocked-address': 'its address is not allowed here',
  'dns-failed': 'its address is not known',
  'too-large': `it has more than ${MAX_BYTES >> 20} MB`,
  'total-timeout': `it took more than ${MAX_MS / 1000} s`,
}

function ask({ sender, signal }: MediaErrand, address: URL, totalMs: number): ReturnType<Sender['sendWhole']> {
  const poolKey = `media ${randomUUID()}`
  const limitMs = Math.max(1, Math.round(totalMs))
  const timeouts = { connectMs: limitMs, headersMs: limitMs, idleMs: limitMs, totalMs: limitMs }
  const headers = ['accept', 'image/*, application/pdf, text/*', 'user-agent', 'relay']
  const request = { poolKey, method: 'GET', url: address.href, headers, timeouts } as const
  const options = { maxBytes: MAX_BYTES, maxErrorBytes: 0, maxErrorMs: 0, signal }
  return sender.sendWhole(request, options).finally(() => sender.forget(poolKey))
}

/** @returns nothing for an address that is none of the web, or that holds a name and a password */
function readAddress(text: string, base?: URL): URL | undefined {
  const url = URL.parse(text, base?.href)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined
  if (url.username !== '' || url.password !== '') return undefined
  url.hash = ''
  return url
}

/** What the bytes say counts more than what the server says. */
function readMedia({ headers, body }: WholeAnswer, kind: MediaKind): MediaResult {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const [declared = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';')
  const mediaType = sniff(bytes) ?? declared.trim()
  const isTaken =
    kind === 'image'
      ? PICTURES.has(mediaType)
      : DOCUMENTS.has(mediaType) || (isText(mediaType) && !PAGES.has(mediaType) && isUtf8(bytes))
  return isTaken ? { ok: true, media: { mediaType, bytes } } : failed(WRONG_TYPE[kind])
}

const WRONG_TYPE: Readonly<Record<MediaKind, string>> = {
  image: 'it is no JPEG, PNG, GIF or WebP',
  document: 'it is no PDF and no text',
}

/** The type that the first bytes tell. */
function sniff(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, 16)
  if (head.startsWith('\u0089PNG\r\n')) return 'image/png'
  if (head.startsWith('\u00ff\u00d8\u00ff')) return 'image/jpeg'
  if (/^GIF8[79]a/.test(head)) return 'image/gif'
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return 'image/webp'
  return head.startsWith('%PDF') ? 'application/pdf' : undefined
}

function failed(reason: string): MediaResult & { readonly ok: false } {
  return { ok: false, reason }
}
