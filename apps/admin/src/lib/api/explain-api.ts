import { explanationSchema } from '@relay/server/admin-contract'
import type { AdminWireFormat, Explanation } from '@relay/server/admin-contract'

import { ApiError } from './api-error.ts'

/** A request to be explained. */
export interface ExplainQuestion {
  readonly format: AdminWireFormat
  /** The client's body as JSON text; its digits go on as they are. */
  readonly request: string
  /** Id of an account; empty for any. */
  readonly account: string
}

const TIMEOUT_MS = 20_000

/**
 * Asks what the relay would do with a request, with the rights of the session. It is a path of the model API, so that
 * its errors are the client's: their text says what is wrong with the request.
 *
 * @throws ApiError whose message is the relay's own text
 */
export async function explainRequest({ format, request, account }: ExplainQuestion): Promise<Explanation> {
  const asked = account === '' ? '' : `,"account":${JSON.stringify(account)}`
  let response: Response
  let content: unknown
  try {
    response = await fetch('/v1/relay/explain', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"format":${JSON.stringify(format)}${asked},"request":${request}}`,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    content = JSON.parse(await response.text())
  } catch (error) {
    throw ApiError.from(error)
  }
  if (!response.ok) throw new ApiError('invalid-request', { message: messageOf(content) })
  const parsed = explanationSchema.safeParse(content)
  if (!parsed.success) throw new ApiError('unreadable-answer')
  return parsed.data
}

function messageOf(content: unknown): string {
  const error = typeof content === 'object' && content !== null && 'error' in content ? content.error : undefined
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : ''
}
