import type { StopReason } from '../model/stop-reason.ts'
import type { FinishReason } from './wire.ts'

/** What a `finish_reason` says: an end, trouble, or nothing yet. */
export type DecodedFinish = StopReason | 'error' | undefined

/** The vendors' spellings. OpenAI's own first, then those of compatible servers. */
const REASONS: ReadonlyMap<string, StopReason | 'error'> = new Map<string, StopReason | 'error'>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool'],
  ['function_call', 'tool'],
  ['content_filter', 'filter'],
  ['eos', 'stop'],
  ['eos_token', 'stop'],
  ['end_turn', 'stop'],
  ['tool_use', 'tool'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['safety', 'filter'],
  ['sensitive', 'filter'],
  ['refusal', 'refusal'],
  ['error', 'error'],
  ['network_error', 'error'],
  ['insufficient_system_resource', 'error'],
  ['abort', 'error'],
])

/**
 * Reads a `finish_reason`. `null`, `""` and values that are no text are not a finish.
 *
 * @returns `unknown` for a reason that no table knows; `error` for the reasons that mean a broken answer
 */
export function decodeFinishReason(value: unknown): DecodedFinish {
  if (typeof value !== 'string' || value === '') return undefined
  return REASONS.get(value) ?? 'unknown'
}

const FINISH_REASONS: { readonly [Reason in StopReason]: FinishReason } = {
  stop: 'stop',
  length: 'length',
  tool: 'tool_calls',
  stop_sequence: 'stop',
  refusal: 'content_filter',
  filter: 'content_filter',
  pause: 'stop',
  context: 'length',
  compaction: 'stop',
  unknown: 'stop',
}

/** What the Chat form of a stop reason depends on beside the reason. */
export interface FinishContext {
  /** The request used `functions`, so a call ends with `function_call`. */
  readonly usesLegacyFunctions: boolean
  /** A refusal was written as `message.refusal`; OpenAI ends such an answer with `stop`. */
  readonly hasRefusal: boolean
}

/** The `finish_reason` for a Chat client. */
export function encodeFinishReason(reason: StopReason, context: FinishContext): FinishReason {
  if (reason === 'tool' && context.usesLegacyFunctions) return 'function_call'
  if (reason === 'refusal' && context.hasRefusal) return 'stop'
  return FINISH_REASONS[reason]
}
