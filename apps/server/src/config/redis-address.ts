import * as z from 'zod'

/** One server in a list of them. */
export interface RedisAddressText {
  readonly host: string
  readonly port: number
}

/** What a Redis URL says. */
export interface RedisUrl {
  readonly address: RedisAddressText
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number | undefined
  readonly isEncrypted: boolean
}

const DEFAULT_PORT = 6379
const HOST_AND_PORT = /^(?<host>\[[\da-f:.%]+\]|[\w.-]{1,255})(?::(?<port>\d{1,5}))?$/i

/** `redis://user:password@host:port/db`; `rediss://` is encrypted. The text is never repeated: it may hold a password. */
export function redisUrl(): z.ZodType<RedisUrl, string> {
  return z.string().transform((text, context) => {
    const url = URL.canParse(text) ? toRedisUrl(new URL(text)) : undefined
    if (url !== undefined) return url
    const message = 'is not a Redis URL; write redis://user:password@host:6379/0, or rediss:// for an encrypted one'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

function toRedisUrl(url: URL): RedisUrl | undefined {
  const path = /^\/?(\d{0,5})$/.exec(url.pathname)
  const isKnown = ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== ''
  if (path === null || !isKnown || url.search !== '' || url.hash !== '') return undefined
  const [, db = ''] = path
  return {
    address: { host: withoutBrackets(url.hostname), port: url.port === '' ? DEFAULT_PORT : Number(url.port) },
    username: textOf(url.username),
    password: textOf(url.password),
    db: db === '' ? undefined : Number(db),
    isEncrypted: url.protocol === 'rediss:',
  }
}

/** `host:port, host:port …` */
export function redisAddresses(defaultPort: number): z.ZodType<readonly RedisAddressText[], string> {
  return z.string().transform((text, context) => {
    const entries = text.split(/[\s,]+/).filter((entry) => entry !== '')
    const addresses = entries.map((entry) => addressOf(entry, defaultPort))
    const wrong = entries.find((_, index) => addresses[index] === undefined)
    if (wrong === undefined) return addresses.filter((address) => address !== undefined)
    // Somebody may have put a password in front of a host.
    const shown = wrong.includes('@') ? 'an entry with "@"' : JSON.stringify(wrong)
    context.addIssue({ code: 'custom', message: `holds ${shown}, which is not host:port` })
    return z.NEVER
  })
}

function addressOf(text: string, defaultPort: number): RedisAddressText | undefined {
  const { host, port } = HOST_AND_PORT.exec(text)?.groups ?? {}
  if (host === undefined) return undefined
  const number = port === undefined ? defaultPort : Number(port)
  return number >= 1 && number <= 65_535 ? { host: withoutBrackets(host), port: number } : undefined
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

function textOf(part: string): string | undefined {
  return part === '' ? undefined : decodeURIComponent(part)
}
