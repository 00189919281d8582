import { decodeFailure } from '../failure/decode-failure.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonObject } from '../model/json.ts'

/**
 * What a body means that came with a good status but is no answer: an error object keeps its meaning, anything else
 * (HTML, plain text, another API's JSON) is an invalid response, of which nothing is shown.
 */
export function failureOfNoAnswer(body: unknown): Failure {
  if (isJsonObject(body) && (body['error'] != null || body['type'] === 'error')) return decodeFailure(undefined, body)
  const what = typeof body === 'string' && /^\s*</.test(body) ? 'an HTML page' : 'something that is no API answer'
  return { kind: 'upstream_invalid_response', message: `the upstream answered with ${what}` }
}
