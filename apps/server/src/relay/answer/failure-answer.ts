import type { ServerResponse } from 'node:http'

import { StoreError } from '@relay/account-store'
import { convertFailure, type ErrorKind, type Failure, type FormatName } from '@relay/format-converter'

import { failureOf, ServerError } from '../../server-error.ts'
import type { LiveRequest } from '../live-request.ts'
import { wayHeaders } from './answer-headers.ts'

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
  const { status = converted.status, headers } = ownWords(error)
  return { status, headers: { ...converted.headers, ...headers }, text: JSON.stringify(converted.body), failure }
}

/** What is not in the failure; a store that is away is no upstream that is overloaded (reliability 9.3). */
function ownWords(error: unknown): Partial<Pick<FailureAnswer, 'status' | 'headers'>> {
  if (StoreError.is(error)) return { status: 503 }
  if (!ServerError.is(error)) return {}
  return error.status === undefined ? { headers: error.headers } : { status: error.status, headers: error.headers }
}

function withWait(failure: Failure): Failure {
  const usualMs = USUAL_WAITS[failure.kind]
  return usualMs === undefined ? failure : { ...failure, retryAfterMs: failure.retryAfterMs ?? usualMs }
}

/** {@link failureAnswer} to a request that was taken in: its headers tell its way as those of any answer do. */
export function failureAnswerTo(live: LiveRequest, error: unknown): FailureAnswer {
  const answer = failureAnswer(error, { format: live.format, requestId: live.id })
  return { ...answer, headers: { ...wayHeaders(live), ...answer.headers } }
}

/**
 * Writes an error answer; does nothing once an answer has begun.
 *
 * @param end - writes the body and ends the answer; at once unless said otherwise
 */
export function writeFailureAnswer(
  outgoing: ServerResponse,
  answer: FailureAnswer,
  end: (text: string) => void = (text) => outgoing.end(text),
): void {
  if (outgoing.headersSent || outgoing.destroyed) return
  outgoing.writeHead(answer.status, {
    'content-type': 'application/json',
    'cache-control': 'no-cache',
    'content-length': Buffer.byteLength(answer.text),
    ...answer.headers,
  })
  end(answer.text)
}
