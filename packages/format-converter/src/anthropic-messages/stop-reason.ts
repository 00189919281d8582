import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossReport, ReportLoss } from '../model/loss.ts'
import type { StopReason } from '../model/stop-reason.ts'
import { optionalString } from '../wire/loose.ts'

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

/** The members of a message that say why it ended, as they came; what never came is missing. */
export interface RawStop {
  readonly reason?: JsonValue | undefined
  readonly sequence?: JsonValue | undefined
  readonly details?: JsonValue | undefined
}

/** Why an answer ended; words of later versions are `unknown`. */
export interface DecodedStop {
  readonly reason: StopReason
  readonly stopSequence: string | undefined
  readonly details: JsonObject | undefined
}

export function decodeStop({ reason, sequence, details }: RawStop, report: ReportLoss): DecodedStop {
  if (details !== undefined && !isJsonObject(details)) report(ODD_DETAILS)
  const told = {
    stopSequence: optionalString(sequence),
    details: isJsonObject(details) ? details : undefined,
  }
  return { reason: typeof reason === 'string' ? (NEUTRAL.get(reason) ?? 'unknown') : impliedBy(told), ...told }
}

/** Where no word says why, the other two members tell. */
function impliedBy({ stopSequence, details }: Omit<DecodedStop, 'reason'>): StopReason {
  if (details?.['type'] === 'refusal') return 'refusal'
  return stopSequence === undefined ? 'unknown' : 'stop_sequence'
}

const ODD_DETAILS: LossReport = {
  code: 'unknown_field',
  level: 'lossy',
  path: '#stop_details',
  message: 'the details of the stop were no object and were left out',
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
    stop_details: encodeDetails(word, stop),
  }
}

/** Details of the vendor's own stay as they came, whatever the word. */
function encodeDetails(word: string, { details, refusal }: NeutralStop): JsonObject | null {
  if (typeof details?.['type'] === 'string') return details
  if (word !== 'refusal') return null
  const explanation = details?.['explanation'] ?? (refusal === '' ? null : refusal.slice(0, MAX_EXPLANATION))
  return { type: 'refusal', category: null, explanation }
}
