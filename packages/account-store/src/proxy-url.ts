import { checkText, refuseField } from './check-field.ts'

/** A proxy URL and the password that it was entered with. */
export interface SplitProxyUrl {
  /** Without the password. */
  readonly shown: string
  /** Percent-encoded, as it stands in a URL. */
  readonly password: string | undefined
}

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'socks5:', 'socks5h:'])

/**
 * Takes the password out of a proxy URL.
 *
 * @throws StoreError `invalid-input`, without the URL: it may hold a password
 */
export function splitProxyUrl(value: string): SplitProxyUrl {
  const text = checkText('proxyUrl', value, { min: 1, max: 2048 })
  const url = URL.canParse(text) ? new URL(text) : undefined
  const rule = { code: 'proxy-url' } as const
  if (url === undefined || url.hostname === '') refuseField('proxyUrl', 'is not a URL with a host', rule)
  if (!SCHEMES.has(url.protocol)) refuseField('proxyUrl', 'must start with http://, https:// or socks5://', rule)
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    refuseField('proxyUrl', 'must not have a path, a query or a fragment', rule)
  }
  const { password } = url
  url.password = ''
  return { shown: withoutSlash(url.href), password: password === '' ? undefined : password }
}

/** Puts the password back where it was taken from. */
export function joinProxyUrl(shown: string, password: string): string {
  const url = new URL(shown)
  url.password = password
  return withoutSlash(url.href)
}

/** The password in a proxy URL as it was entered. */
export function proxyPasswordOf(entered: string | undefined): string | undefined {
  return entered === undefined ? undefined : splitProxyUrl(entered).password
}

/**
 * What a change does to the stored password: nothing where the proxy is entered as it was shown, else it is the new one's.
 *
 * @returns `undefined` = keep it, `null` = remove it
 */
export function changedProxyPassword(
  before: { readonly proxyUrl: string | undefined },
  { proxyUrl }: { readonly proxyUrl?: string | null | undefined },
): string | null | undefined {
  if (proxyUrl === undefined || proxyUrl === before.proxyUrl) return undefined
  return proxyUrl === null ? null : (splitProxyUrl(proxyUrl).password ?? null)
}

function withoutSlash(href: string): string {
  return href.endsWith('/') ? href.slice(0, -1) : href
}
