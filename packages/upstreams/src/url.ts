import { UpstreamError } from './upstream-error.ts'
import type { ApiFormat } from './upstream.ts'

const ENDPOINTS: Readonly<Record<ApiFormat, string>> = {
  claude: 'messages',
  'openai-chat': 'chat/completions',
  'openai-responses': 'responses',
}

/** A base URL that ends like this is an endpoint already. */
const ENDS_IN_ENDPOINT = /\/(?:messages|chat\/completions|responses)$/
const ENDS_IN_VERSION = /\/v\d+$/

/** The format of a base URL that is an endpoint already; `undefined` for any other, and for what is no URL. */
export function endpointFormat(baseUrl: string | undefined): ApiFormat | undefined {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return undefined
  const path = trimSlashes(new URL(baseUrl).pathname)
  if (!ENDS_IN_ENDPOINT.test(path)) return undefined
  return API_FORMATS.find((format) => path.endsWith(`/${ENDPOINTS[format]}`))
}

const API_FORMATS = ['claude', 'openai-chat', 'openai-responses'] as const

/** A path below an endpoint's base, with a `/` in front, e.g. `/count_tokens`. */
export interface UrlOptions {
  /** Appended to the endpoint, e.g. `/count_tokens`. */
  readonly suffix?: string | undefined
  /** The client's query string, with or without `?`; appended to the base URL's own. */
  readonly query?: string
}

/**
 * The address of an endpoint.
 *
 * A base URL that ends in an endpoint is used as it is; one whose last segment is `v<digits>` gets
 * the endpoint appended; any other gets `/v1/…`.
 *
 * @throws UpstreamError `base-url-invalid`
 */
export function buildUpstreamUrl(baseUrl: string, apiFormat: ApiFormat, options: UrlOptions = {}): string {
  const url = parseBaseUrl(baseUrl)
  const path = trimSlashes(url.pathname)
  const endpoint = ENDS_IN_ENDPOINT.test(path) ? path : `${versioned(path)}/${ENDPOINTS[apiFormat]}`
  return `${url.origin}${endpoint}${options.suffix ?? ''}${joinQueries(url.search, options.query)}`
}

/**
 * The address of another path of the same service, such as `/models`: beside the endpoints.
 *
 * @throws UpstreamError `base-url-invalid`
 */
export function buildSiblingUrl(baseUrl: string, path: string, query?: string): string {
  const url = parseBaseUrl(baseUrl)
  const base = versioned(trimSlashes(url.pathname).replace(ENDS_IN_ENDPOINT, ''))
  return `${url.origin}${base}${path}${joinQueries(url.search, query)}`
}

/**
 * Checks a base URL.
 *
 * @returns the parsed URL
 * @throws UpstreamError `base-url-invalid`: not a URL, neither http nor https, with credentials or a fragment
 */
export function parseBaseUrl(baseUrl: string): URL {
  if (!URL.canParse(baseUrl)) {
    throw invalid('is not a URL; write it like https://api.example.com/v1')
  }
  const url = new URL(baseUrl)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`has the scheme "${url.protocol.slice(0, -1)}"; only http and https can be called`)
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(`for ${url.host} holds a user name or password; put the key into the credential`)
  }
  if (url.hash !== '' || baseUrl.includes('#')) {
    throw invalid(`for ${url.host} holds a fragment (#…); remove it`)
  }
  return url
}

/** The text of a base URL may hold a secret in any part, so messages show at most its host. */
function invalid(what: string): UpstreamError {
  return new UpstreamError('base-url-invalid', `the base URL ${what}`)
}

function versioned(path: string): string {
  return ENDS_IN_VERSION.test(path) ? path : `${path}/v1`
}

function trimSlashes(path: string): string {
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}

function joinQueries(own: string, client: string | undefined): string {
  const added = client?.startsWith('?') === true ? client.slice(1) : (client ?? '')
  if (added === '') return own
  return own === '' ? `?${added}` : `${own}&${added}`
}
