import type { Failure } from '@relay/format-converter'
import type { TransportFailure, TransportFailureCode } from '@relay/upstreams'

/** What a client is told of trouble on the wire: no host, no port, no library's words. */
const WORDS: { readonly [Code in TransportFailureCode]: Pick<Failure, 'kind' | 'message' | 'code'> } = {
  'connect-failed': { kind: 'overloaded', message: 'the upstream cannot be reached' },
  'dns-failed': { kind: 'overloaded', message: 'the upstream cannot be found' },
  'tls-failed': { kind: 'overloaded', message: 'no secure connection to the upstream' },
  'certificate-refused': { kind: 'overloaded', message: 'the certificate of the upstream is not trusted' },
  'proxy-refused': { kind: 'overloaded', message: 'the proxy of the account wants another user name or password' },
  'connect-timeout': { kind: 'timeout', message: 'the upstream did not accept the connection in time' },
  'headers-timeout': { kind: 'timeout', message: 'the upstream did not begin its answer in time' },
  'idle-timeout': { kind: 'timeout', message: 'the upstream fell silent in the middle of its answer' },
  'total-timeout': { kind: 'timeout', message: 'the upstream did not finish its answer in time' },
  reset: { kind: 'upstream_truncated', message: 'the upstream closed the connection before it answered' },
  cut: { kind: 'upstream_truncated', message: 'the upstream closed the connection in the middle of its answer' },
  aborted: { kind: 'client_abort', message: 'the request was ended' },
  'blocked-address': {
    // the account cannot be used and the request is good, as with a wrong credential
    kind: 'upstream_invalid_response',
    code: 'upstream_not_allowed',
    message:
      'the network guard does not allow the address of this account; RELAY_ALLOW_PRIVATE is the setting that can',
  },
  protocol: { kind: 'upstream_protocol', message: 'the upstream did not speak HTTP as it should' },
  'too-large': { kind: 'overflow', message: 'the upstream sent an answer that is too large' },
}

/** Trouble on the wire in words for the client. */
export function failureOfTransport({ code }: TransportFailure): Failure {
  return WORDS[code]
}
