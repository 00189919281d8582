import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { StopReason } from '../model/stop-reason.ts'

const NEUTRAL: ReadonlyMap<string, StopReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop_sequence'],
  ['tool_use', 'tool'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
  ['compaction', 'compaction'],
])

const WIRE: { readonly [Reason in StopReason]: string } = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  tool: 'tool_use',
  length: 'max_tokens',
  context: 'model_context_window_exceeded',
  refusal: 'refusal',
  filter: 'refusal',
  pause: 'pause_turn',
  compaction: 'compaction',
  unknown: 'end_turn',
}

/** Most of a refusal's text that is repeated as its explanation, in UTF-16 units. */
const MAX_EXPLANATION = 4096

/** A `stop_reason` in neutral words; `null` and words of later versions are `unknown`. */
export function decodeStopReason(reason: unknown): StopReason {
  return typeof reason === 'string' ? (NEUTRAL.get(reason) ?? 'unknown') : 'unknown'
}

export interface NeutralStop {
  readonly reason: StopReason
  readonly stopSequence?: string | undefined
  readonly details?: JsonObject | undefined
  /** Text of the answer's refusal blocks; `''` when it has none. */
  readonly refusal: string
}

/** The three members of a message that say why it ended. */
export function encodeStop(stop: NeutralStop): JsonObject {
  const word = stop.reason === 'stop' && stop.refusal !== '' ? 'refusal' : WIRE[stop.reason]
  return {
    stop_reason: word,
    stop_sequence: stop.reason === 'stop_sequence' ? (stop.stopSequence ?? null) : null,
    stop_details: word === 'refusal' ? encodeDetails(stop) : null,
  }
}

function encodeDetails({ details, refusal }: NeutralStop): JsonObject {
  if (isJsonObject(details) && details['type'] === 'refusal') return details
  const explanation = details?.['explanation'] ?? (refusal === '' ? null : refusal.slice(0, MAX_EXPLANATION))
  return { type: 'refusal', category: null, explanation }
}
