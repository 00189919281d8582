import { errors } from 'undici'

import { isConnectError } from './connector.ts'
import type { TransportFailure, TransportFailureCode } from './upstream-call.ts'

/** What is known about a failure: its code, or the error it has to be read from. */
export type FailureFacts = {
  /** Host and port, for the message. */
  readonly host: string
  readonly hasHeaders: boolean
} & ({ readonly code: TransportFailureCode; readonly detail?: string | undefined } | { readonly error: Error })

/** Turns an error of the HTTP library, or a known code, into a failure that can be shown to operators. */
export function describeFailure(facts: FailureFacts): TransportFailure {
  const { host, hasHeaders } = facts
  if ('code' in facts) {
    return { code: facts.code, message: sentence(facts.code, host, facts.detail), hasHeaders }
  }
  const { error } = facts
  if (isConnectError(error)) {
    return { code: error.failureCode, message: error.message, hasHeaders }
  }
  const code = classify(error, hasHeaders)
  return { code, message: sentence(code, host, code === 'protocol' ? reasonOf(error) : undefined), hasHeaders }
}

/** Whether the peer, or the network, closed the connection, as opposed to having said something wrong. */
export function isClosedByPeer(error: Error): boolean {
  if (error instanceof errors.SocketError) return !error.message.startsWith('bad ')
  const code = 'code' in error ? error.code : undefined
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED'
}

function classify(error: Error, hasHeaders: boolean): TransportFailureCode {
  if (error instanceof errors.ClientDestroyedError || error instanceof errors.ClientClosedError) {
    return 'aborted' // the sender was closed
  }
  // Before the headers, it is what undici says of any trouble in a head behind its length, a second length above all.
  if (error instanceof errors.ResponseContentLengthMismatchError) return hasHeaders ? 'cut' : 'protocol'
  if (error instanceof errors.HTTPParserError) return isCutBody(error, hasHeaders) ? 'cut' : 'protocol'
  if (isClosedByPeer(error) || isNetworkError(error)) return hasHeaders ? 'cut' : 'reset'
  return 'protocol'
}

/** The connection ended between the headers and the last chunk. */
function isCutBody(error: errors.HTTPParserError, hasHeaders: boolean): boolean {
  return hasHeaders && error.code === 'HPE_INVALID_EOF_STATE'
}

/** `ETIMEDOUT`, `EHOSTUNREACH` and the like on a connection that stood. */
function isNetworkError(error: Error): boolean {
  return 'syscall' in error && typeof error.syscall === 'string'
}

/** The library's codes and parser reasons hold no bytes of the answer. */
function reasonOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return `does not speak HTTP/1.1 as it should (${code})`
}

const SENTENCES: Readonly<Record<TransportFailureCode, string>> = {
  'connect-failed': 'could not be reached',
  'dns-failed': 'has no address',
  'tls-failed': 'refused the TLS handshake',
  'certificate-refused': 'showed a certificate that is not trusted',
  'proxy-refused': 'is behind a proxy that wants another user name or password',
  'connect-timeout': 'did not accept the connection in time',
  'headers-timeout': 'sent no response headers in time',
  'idle-timeout': 'fell silent in the middle of its answer',
  'total-timeout': 'was not complete in time',
  reset: 'closed the connection before it answered',
  cut: 'closed the connection in the middle of its answer',
  aborted: 'was not waited for any longer',
  'blocked-address': 'has an address that is not allowed',
  protocol: 'does not speak HTTP/1.1 as it should',
  'too-large': 'sent a bigger answer than allowed',
}

function sentence(code: TransportFailureCode, host: string, detail: string | undefined): string {
  return `the upstream ${host} ${detail ?? SENTENCES[code]}`
}
