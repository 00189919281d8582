import type { FormatName } from './format-name.ts'

/**
 * How much a loss matters: `info` no effect on meaning; `repaired` the input was invalid for the target and was made
 * valid; `degraded` meaning weakened; `lossy` information lost.
 */
export type LossLevel = 'info' | 'repaired' | 'degraded' | 'lossy'

/** Where in the exchange a loss came up. */
export type LossStage = 'request' | 'response' | 'stream' | 'rules'

/** The closed list of loss codes. A code is a public promise: operators accept standing losses by it. */
export const LOSS_CODES = [
  'unknown_field',
  'param_unsupported',
  'param_clamped',
  'sampling_rejected',
  'stop_unsupported',
  'stop_truncated',
  'effort_clamped',
  'thinking_disabled_forced_tool',
  'budget_clamped',
  'max_tokens_defaulted',
  'max_tokens_clamped',
  'operator_as_user',
  'operator_moved',
  'prefill_unsupported',
  'turn_inserted',
  'turns_merged',
  'empty_removed',
  'system_only',
  'orphan_tool_result',
  'missing_tool_result',
  'duplicate_tool_result',
  'tool_id_rewritten',
  'tool_name_rewritten',
  'tool_name_collision',
  'tool_bridged',
  'tool_unsupported',
  'invalid_tool_call',
  'server_tool_dropped',
  'server_tool_flattened',
  'schema_sanitized',
  'schema_root_union',
  'strict_dropped',
  'invalid_tool_arguments',
  'media_moved',
  'media_linked',
  'media_type_unsupported',
  'media_type_fixed',
  'file_not_portable',
  'citation_dropped',
  'reasoning_dropped',
  'reasoning_flattened',
  'cache_mark_dropped',
  'cache_ttl_changed',
  'identity_hashed',
  'service_tier_changed',
  'state_unsupported',
  'response_format_degraded',
  'logprobs_dropped',
  'choices_dropped',
  'pause_turn',
  'usage_inconsistent',
  'usage_missing',
  'malformed_event',
  'event_after_end',
  'late_delta_dropped',
  'upstream_repaired',
  'rule_applied',
  'rule_skipped',
  'losses_truncated',
] as const

/** What could not be carried, as one word. */
export type LossCode = (typeof LOSS_CODES)[number]

/** Scalars that help to understand a loss. Never text that a user or a model wrote. */
export interface LossDetail {
  readonly value?: string | number | boolean
  readonly replacedBy?: string | number | boolean
  /** How often the same loss happened; absent = once. */
  readonly count?: number
}

/** One thing that could not be carried as it was. */
export interface Loss {
  readonly code: LossCode
  readonly level: LossLevel
  readonly stage: LossStage
  /** JSON Pointer into the source body; for streams `#<event type>`. */
  readonly path: string
  readonly from: FormatName
  readonly to: FormatName
  /** English, at most 200 characters, without user content. */
  readonly message: string
  readonly detail?: LossDetail
}

/** What a codec or an adaptation step says of a loss; the ledger adds stage and formats. */
export interface LossReport {
  readonly code: LossCode
  readonly level: LossLevel
  readonly path: string
  readonly message: string
  readonly detail?: LossDetail
}

/** Takes a loss. Handed to everything that decodes, adapts or encodes. */
export type ReportLoss = (report: LossReport) => void
