import { decodeFailure } from '../failure/decode-failure.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { isTrouble } from '../wire/unread-members.ts'

const CANCELLED: Failure = { kind: 'internal', message: 'the upstream cancelled the response' }
const UNEXPLAINED: Failure = { kind: 'internal', message: 'the upstream failed without saying why' }

const BROKEN: ReadonlySet<unknown> = new Set(['failed', 'cancelled'])

/** Whether a response did not succeed, in whatever event it comes: it says so, or it has an error. */
export function isBroken({ status, error }: JsonObject): boolean {
  return BROKEN.has(status) || isTrouble(error)
}

/** The trouble that an `error`, `response.failed` or `response.cancelled` event tells of. */
export function readFailure(event: JsonObject): Failure {
  const response = event['response']
  if (!isJsonObject(response))
    return event['type'] === 'response.cancelled' ? CANCELLED : decodeFailure(undefined, event)
  return failureOfResponse(response)
}

/** The trouble of a response that did not succeed. */
export function failureOfResponse(response: JsonObject): Failure {
  const { error } = response
  if (isTrouble(error)) return decodeFailure(undefined, { error })
  return response['status'] === 'cancelled' ? CANCELLED : UNEXPLAINED
}
