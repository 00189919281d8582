import type { ConvertedError } from '../convert/converted-error.ts'

/** A JSON answer for the SDK. */
export function respond(body: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { ...headers, 'content-type': 'application/json' } })
}

/** An error answer for the SDK. */
export function respondError(error: ConvertedError, headers: Readonly<Record<string, string>> = {}): Response {
  return respond(JSON.stringify(error.body), error.status, { ...headers, ...error.headers })
}

/** The upstream's id of the call under the names that SDKs look for. */
export function requestIdOf(answer: Response): Readonly<Record<string, string>> {
  const id = answer.headers.get('request-id') ?? answer.headers.get('x-request-id')
  return id === null ? {} : { 'request-id': id, 'x-request-id': id }
}
