import { UpstreamError } from '../upstream-error.ts'

/** A proxy between Relay and an upstream. */
export interface Proxy {
  /** With `socks5h` the proxy looks the upstream's name up, with `socks5` Relay does, as curl has it. */
  readonly kind: 'http' | 'https' | 'socks5' | 'socks5h'
  /** Without brackets. */
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
}

const USUAL_PORTS = { http: 80, https: 443, socks5: 1080, socks5h: 1080 } as const

/**
 * Reads the address of a proxy, such as `socks5://user:password@proxy.example:1080`.
 *
 * @throws UpstreamError `proxy-invalid`, without the address: it may hold a password
 */
export function readProxyUrl(text: string): Proxy {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const kind = url?.protocol.slice(0, -1)
  if (url === undefined || !isKind(kind) || url.hostname === '') {
    throw new UpstreamError(
      'proxy-invalid',
      'the proxy is not a URL with the scheme http, https, socks5 or socks5h, such as http://proxy.example:3128',
    )
  }
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    throw new UpstreamError('proxy-invalid', 'the address of the proxy holds a path, a query or a fragment; remove it')
  return {
    kind,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? USUAL_PORTS[kind] : Number(url.port),
    username: decode(url.username),
    password: decode(url.password),
  }
}

function isKind(word: string | undefined): word is Proxy['kind'] {
  return word !== undefined && Object.hasOwn(USUAL_PORTS, word)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a lone percent sign in a password
  }
}
