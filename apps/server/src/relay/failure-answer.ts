import type { ServerResponse } from 'node:http'

import { convertFailure, type ErrorKind, type Failure, type FormatName } from '@relay/format-converter'

import { failureOf, ServerError } from '../server-error.ts'

/** An error answer, ready to be written. */
export interface FailureAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly failure: Failure
}

interface FailureContext {
  readonly format: FormatName
  readonly requestId: string
}

/** What clients are told where nobody knows how long to wait, in milliseconds; a busy moment passes soon. */
const USUAL_WAITS: Partial<Readonly<Record<ErrorKind, number>>> = {
  overloaded: 2_000,
  rate_limit: 30_000,
  upstream_quota: 60_000,
}

/** Any trouble of a request in the caller's own format; unknown errors show nothing of themselves. */
export function failureAnswer(error: unknown, { format, requestId }: FailureContext): FailureAnswer {
  const failure = withWait(failureOf(error))
  const converted = convertFailure({ to: format, failure, requestId })
  const extra = ServerError.is(error) ? error.headers : {}
  const status = (ServerError.is(error) ? error.status : undefined) ?? converted.status
  return { status, headers: { ...converted.headers, ...extra }, text: JSON.stringify(converted.body), failure }
}

function withWait(failure: Failure): Failure {
  const usualMs = USUAL_WAITS[failure.kind]
  return usualMs === undefined ? failure : { ...failure, retryAfterMs: failure.retryAfterMs ?? usualMs }
}

/** Writes an error answer; does nothing once an answer has begun. */
export function writeFailureAnswer(outgoing: ServerResponse, answer: FailureAnswer): void {
  if (outgoing.headersSent || outgoing.destroyed) return
  outgoing.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(answer.text),
    ...answer.headers,
  })
  outgoing.end(answer.text)
}
