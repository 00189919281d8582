import type { Failure } from '../model/failure.ts'
import type { LossReport } from '../model/loss.ts'

/** What becomes of an answer with an event that is no JSON object, and what is told of it. */
export const MALFORMED: Failure = {
  kind: 'upstream_protocol',
  message: 'the upstream sent an event that is not valid JSON',
}

export const MALFORMED_EVENT: LossReport = {
  code: 'malformed_event',
  level: 'lossy',
  path: '#event',
  message: 'an event of the upstream was not a whole JSON object; the stream was ended',
}
