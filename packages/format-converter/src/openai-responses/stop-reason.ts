import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { StopReason } from '../model/stop-reason.ts'

const INCOMPLETE: ReadonlyMap<unknown, StopReason> = new Map<unknown, StopReason>([
  ['max_output_tokens', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'filter'],
])

/**
 * Why a response ended. Calls are not looked at: the call rule makes `tool` of a `stop` that has any.
 *
 * @param isRefusal - the answer holds a refusal part and no call
 */
export function decodeStop(response: JsonObject, isRefusal: boolean): StopReason {
  const { status, incomplete_details: details } = response
  const reason = isJsonObject(details) ? (details['reason'] ?? undefined) : undefined
  if (status !== 'incomplete' && reason === undefined) return isRefusal ? 'refusal' : 'stop'
  return INCOMPLETE.get(reason) ?? 'unknown'
}

/** How a response says that it ended. */
export interface EncodedStop {
  readonly status: 'completed' | 'incomplete'
  readonly reason?: 'max_output_tokens' | 'content_filter'
}

const COMPLETED: EncodedStop = { status: 'completed' }
const FULL: EncodedStop = { status: 'incomplete', reason: 'max_output_tokens' }
const FILTERED: EncodedStop = { status: 'incomplete', reason: 'content_filter' }

const STOPS: { readonly [Reason in StopReason]: EncodedStop } = {
  stop: COMPLETED,
  tool: COMPLETED,
  stop_sequence: COMPLETED,
  pause: COMPLETED,
  compaction: COMPLETED,
  unknown: COMPLETED,
  length: FULL,
  context: FULL,
  filter: FILTERED,
  refusal: FILTERED,
}

/** @param hasRefusal - the upstream itself wrote a refusal, which is a whole answer in this format */
export function encodeStop(reason: StopReason, hasRefusal: boolean): EncodedStop {
  return reason === 'refusal' && hasRefusal ? COMPLETED : STOPS[reason]
}
