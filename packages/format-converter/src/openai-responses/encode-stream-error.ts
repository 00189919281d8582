import type { StreamSeen } from '../codec.ts'
import type { Failure } from '../model/failure.ts'
import type { JsonObject } from '../model/json.ts'
import { encodeResponseError } from '../wire/openai-errors.ts'
import { encodeEvent, ID_PREFIX } from './wire.ts'

/**
 * The event that ends a broken stream which went through as it came. Codex ignores plain `error` events, so it is a
 * failed response, under the id that the client has seen.
 *
 * @remarks Contract 4.5.
 */
export function encodeStreamError(failure: Failure, requestId: string | undefined, seen: StreamSeen = {}): string {
  const { answerId, model = '', events = 0 } = seen
  const failed = { ...emptyResponse(answerId ?? `${ID_PREFIX}${requestId ?? 'unknown'}`, model), status: 'failed' }
  const failedEvent = (sequence: number): string =>
    encodeEvent('response.failed', sequence, { response: { ...failed, error: encodeResponseError(failure) } })
  if (answerId !== undefined) return failedEvent(events)
  // A client that has seen no beginning takes no end.
  const begun = encodeEvent('response.created', events, { response: { ...failed, status: 'in_progress' } })
  return begun + failedEvent(events + 1)
}

function emptyResponse(id: string, model: string): JsonObject {
  return {
    id,
    object: 'response',
    created_at: 0,
    model,
    output: [],
    error: null,
    incomplete_details: null,
    access_programs: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    usage: null,
  }
}
