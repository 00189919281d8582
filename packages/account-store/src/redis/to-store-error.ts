import type { StoreErrorCode } from '../store-error.ts'
import { StoreError } from '../store-error.ts'

interface Meaning {
  readonly code: StoreErrorCode
  readonly message: string
}

/** What the first word of an error of Redis means. Source: redis.io, "Redis serialization protocol", and the error texts in `src/server.c`. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['OOM', { code: 'store-full', message: 'has no memory left (maxmemory); give it more, or remove other data' }],
  ['READONLY', { code: 'store-read-only', message: 'is a read-only replica; point Relay to the master' }],
  ['MISCONF', { code: 'store-read-only', message: 'refuses writes because it cannot save to its disk' }],
  ['NOREPLICAS', { code: 'store-read-only', message: 'refuses writes because too few replicas follow it' }],
  ['LOADING', { code: 'store-busy', message: 'is still loading its data' }],
  ['BUSY', { code: 'store-busy', message: 'is busy with a script' }],
  ['WRONGTYPE', { code: 'store-damaged', message: 'holds a key of another type than Relay wrote; restore a backup' }],
  ['NOAUTH', { code: 'store-unavailable', message: 'asks for a password; set REDIS_PASSWORD' }],
  ['WRONGPASS', { code: 'store-unavailable', message: 'refuses the user name or password' }],
  ['NOPERM', { code: 'store-unavailable', message: 'does not allow this user a command or key that Relay needs' }],
])

/** What becomes of errors of the connection and the server. */
export type ErrorTranslator = (error: unknown) => StoreError

/**
 * Makes the translator for one server.
 *
 * @param server - how people know it
 * @param secrets - texts that must not be in a message
 */
export function createErrorTranslator(server: string, secrets: readonly string[]): ErrorTranslator {
  return (error) => {
    if (StoreError.is(error)) return error
    const text = error instanceof Error ? error.message : String(error)
    const meaning = meaningOf(text)
    if (meaning !== undefined) return new StoreError(meaning.code, `${server} ${meaning.message}`)
    if (isAboutCertificate(error)) {
      return new StoreError(
        'store-unavailable',
        `${server} has a certificate that is not trusted (${text.slice(0, 200)}); ${TRUST_ADVICE}`,
      )
    }
    // The library's own error is not kept as the cause: it carries the command with its arguments.
    return new StoreError('store-unavailable', `${server} cannot be used: ${hide(text, secrets).slice(0, 300)}`)
  }
}

const TRUST_ADVICE = 'name the file of its authority in REDIS_TLS_CA, and reach it by a name that the certificate has'

/** Codes of OpenSSL's verification as Node names them. */
const CERTIFICATE_CODES =
  /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID)/

function isAboutCertificate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CERTIFICATE_CODES.test(String(error.code))
}

function meaningOf(text: string): Meaning | undefined {
  // Errors of a command inside a script begin with the word, too, or with "ERR" and name it at the end.
  const direct = MEANINGS.get(/^-?([A-Z]+)\b/.exec(text)?.[1] ?? '')
  if (direct !== undefined) return direct
  const inner = [...MEANINGS.keys()].find((word) => text.includes(`-${word} `) || text.includes(`: ${word} `))
  return inner === undefined ? undefined : MEANINGS.get(inner)
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => (secret === '' ? shown : shown.replaceAll(secret, '[hidden]')), text)
}
