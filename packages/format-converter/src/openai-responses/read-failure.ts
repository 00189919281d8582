import { decodeFailure } from '../failure/decode-failure.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'

const CANCELLED: Failure = { kind: 'internal', message: 'the upstream cancelled the response' }
const UNEXPLAINED: Failure = { kind: 'internal', message: 'the upstream failed without saying why' }

/** The trouble that an `error`, `response.failed` or `response.cancelled` event tells of. */
export function readFailure(event: JsonObject): Failure {
  const response = event['response']
  if (!isJsonObject(response))
    return event['type'] === 'response.cancelled' ? CANCELLED : decodeFailure(undefined, event)
  return failureOfResponse(response)
}

/** The trouble of a response that did not succeed. */
export function failureOfResponse(response: JsonObject): Failure {
  if (isJsonObject(response['error'])) return decodeFailure(undefined, { error: response['error'] })
  return response['status'] === 'cancelled' ? CANCELLED : UNEXPLAINED
}
