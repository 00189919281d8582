import type { StreamSeen } from '../codec.ts'
import type { Failure } from '../model/failure.ts'
import { encodeResponseError } from './errors.ts'
import { encodeEvent, ID_PREFIX } from './wire.ts'

/**
 * The event that ends a broken stream which went through as it came. Codex ignores plain `error` events, so it is a
 * failed response, under the id that the client has seen.
 *
 * @remarks Contract 4.5.
 */
export function encodeStreamError(failure: Failure, requestId: string | undefined, seen: StreamSeen = {}): string {
  const response = {
    id: seen.answerId ?? `${ID_PREFIX}${requestId ?? 'unknown'}`,
    object: 'response',
    status: 'failed',
    model: seen.model ?? '',
    output: [],
    error: encodeResponseError(failure),
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
  return encodeEvent('response.failed', seen.events ?? 0, { response })
}
