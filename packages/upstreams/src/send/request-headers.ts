import { UpstreamError } from '../upstream-error.ts'
import type { ApiFormat, UpstreamAccount } from '../upstream.ts'
import { authHeaders } from './auth-headers.ts'

/** The headers of a client's request: a `Headers` object, a map, or lower-case name → value. */
export type ClientHeaders =
  | { get(name: string): string | null | undefined; keys(): Iterable<string> }
  | Readonly<Record<string, string | readonly string[] | undefined>>

/** What decides which headers go up. */
export interface RequestHeaderFacts {
  readonly account: UpstreamAccount
  readonly apiFormat: ApiFormat
  readonly credential: string | undefined
  /** Whether the client's own format is sent (identity path). */
  readonly isSameFormat: boolean
  readonly clientHeaders: ClientHeaders
  readonly isStream: boolean
  /** Headers that the codec asks for on a converted path, e.g. `anthropic-beta`; names and values, alternating. */
  readonly codecHeaders?: readonly string[]
  /** Our id of the request; sent to services that document a header for a client's own id, so that they can find it. */
  readonly requestId?: string
  /** Of the body; JSON unless said otherwise. A value that does not fit into a header is not sent. */
  readonly contentType?: string
}

/** Anthropic requires a version; this is the one for clients that send none. */
const DEFAULT_ANTHROPIC_VERSION = '2023-06-01'

const FORWARDED_ALWAYS: ReadonlySet<string> = new Set(['idempotency-key', 'traceparent', 'tracestate'])

/** Forwarded as well where client and upstream speak the same format. */
const FORWARDED_SAME_FORMAT: Readonly<Record<ApiFormat, ReadonlySet<string>>> = {
  claude: new Set(['accept', 'anthropic-beta', 'anthropic-version', 'user-agent', 'x-app']),
  'openai-chat': new Set(['accept', 'openai-beta', 'user-agent']),
  'openai-responses': new Set(['accept', 'openai-beta', 'user-agent']),
}

const FORWARDED_PREFIXES: Readonly<Record<ApiFormat, readonly string[]>> = {
  claude: ['x-stainless-', 'x-claude-code-'],
  'openai-chat': ['x-stainless-'],
  'openai-responses': ['x-stainless-'],
}

/** Set by the sender or the HTTP library; an account that named one would break the framing or steer the connection. */
const RESERVED: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Longer values of clients are not passed on; no allowed header needs them. */
const MAX_FORWARDED_VALUE = 8192

/**
 * The headers of a request to an upstream: only what is listed here, the account's credential, and
 * the account's own headers, which win.
 *
 * @returns names and values, alternating, ready for `UpstreamRequest.headers`
 * @throws UpstreamError `header-invalid` for a header of the account that may not be set
 */
export function buildRequestHeaders(facts: RequestHeaderFacts): readonly string[] {
  const headers = new Map<string, string>()
  headers.set('accept', facts.isStream ? 'text/event-stream' : 'application/json')
  headers.set('user-agent', 'relay') // some gateways refuse requests without one
  forwardClientHeaders(facts, headers)
  addPairs(headers, facts.codecHeaders ?? [])
  // OpenAI keeps it with its logs; of a third-party server nothing is known, and an unknown header may be refused.
  if (facts.account.type === 'openai-responses' && facts.requestId !== undefined) {
    headers.set('x-client-request-id', facts.requestId)
  }
  if (facts.apiFormat === 'claude' && !headers.has('anthropic-version')) {
    headers.set('anthropic-version', DEFAULT_ANTHROPIC_VERSION)
  }
  headers.set('content-type', fitting(facts.contentType) ?? 'application/json')
  headers.set('accept-encoding', 'identity')
  addPairs(headers, authHeaders(facts.account, facts.apiFormat, facts.credential))
  for (const [name, value] of Object.entries(facts.account.headers ?? {})) {
    checkAccountHeader(name, value)
    headers.set(name.toLowerCase(), value)
  }
  return toPairs(headers)
}

function toPairs(headers: ReadonlyMap<string, string>): readonly string[] {
  const pairs: string[] = []
  for (const [name, value] of headers) pairs.push(name, value)
  return pairs
}

function fitting(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= MAX_FORWARDED_VALUE && VALUE.test(value) ? value : undefined
}

/**
 * Checks a header that an operator wants to add to an account.
 *
 * @throws UpstreamError `header-invalid`, naming the header and never its value
 */
export function checkAccountHeader(name: string, value: string): void {
  if (!TOKEN.test(name)) {
    throw new UpstreamError('header-invalid', `"${name.slice(0, 100)}" is not a header name`)
  }
  if (RESERVED.has(name.toLowerCase())) {
    throw new UpstreamError('header-invalid', `the header "${name}" is set by Relay itself; remove it from the account`)
  }
  if (!VALUE.test(value)) {
    throw new UpstreamError(
      'header-invalid',
      `the value of header "${name}" holds a line break or a character outside Latin-1`,
    )
  }
}

function forwardClientHeaders(facts: RequestHeaderFacts, headers: Map<string, string>): void {
  const { clientHeaders, apiFormat, isSameFormat } = facts
  const named = connectionNames(readHeader(clientHeaders, 'connection'))
  const names = isSameFormat ? headerNames(clientHeaders) : FORWARDED_ALWAYS
  for (const name of names) {
    if (!isForwarded(name, apiFormat) || named.has(name)) continue
    const value = readHeader(clientHeaders, name)
    if (value === undefined || value.length > MAX_FORWARDED_VALUE || !VALUE.test(value)) continue
    headers.set(name, value)
  }
}

function isForwarded(name: string, apiFormat: ApiFormat): boolean {
  if (FORWARDED_ALWAYS.has(name)) return true
  if (FORWARDED_SAME_FORMAT[apiFormat].has(name)) return true
  return FORWARDED_PREFIXES[apiFormat].some((prefix) => name.startsWith(prefix))
}

const NO_NAMES: ReadonlySet<string> = new Set()

function connectionNames(value: string | undefined): ReadonlySet<string> {
  if (value === undefined || value === 'keep-alive') return NO_NAMES // nearly every request
  return new Set(value.split(',').map((name) => name.trim().toLowerCase()))
}

function addPairs(headers: Map<string, string>, pairs: readonly string[]): void {
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = pairs[index]
    const value = pairs[index + 1]
    if (name !== undefined && value !== undefined) headers.set(name.toLowerCase(), value)
  }
}

function hasGetter(headers: ClientHeaders): headers is Extract<ClientHeaders, { keys(): Iterable<string> }> {
  return typeof headers['get'] === 'function' && typeof headers['keys'] === 'function'
}

function headerNames(headers: ClientHeaders): Iterable<string> {
  return hasGetter(headers) ? headers.keys() : Object.keys(headers)
}

function readHeader(headers: ClientHeaders, name: string): string | undefined {
  if (hasGetter(headers)) return headers.get(name) ?? undefined
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  return typeof value === 'string' ? value : value?.join(', ')
}
