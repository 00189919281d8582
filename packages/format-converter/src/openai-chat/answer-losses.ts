import type { LossReport } from '../model/loss.ts'

/** Where losses of a Chat answer are found: its chunks and messages have the same members. */
const PATH = '#choices'

export const CHOICES_DROPPED: LossReport = {
  code: 'choices_dropped',
  level: 'lossy',
  path: PATH,
  message: 'only the first choice of the answer was carried',
}

export const NO_CHOICE: LossReport = {
  code: 'malformed_event',
  level: 'lossy',
  path: PATH,
  message: 'what stood in place of a choice, or of what a choice says, was left out',
}

export const OTHER_TEXT: LossReport = {
  code: 'unknown_field',
  level: 'lossy',
  path: '#text',
  message: 'the upstream said one thing in two places, in different words; those of the message were carried',
}

export const LATE_MESSAGE: LossReport = {
  code: 'upstream_repaired',
  level: 'info',
  path: '#message',
  message: 'a whole message came after its pieces and was taken for their repetition',
}

export const LATE_EVENT: LossReport = {
  code: 'event_after_end',
  level: 'info',
  path: PATH,
  message: 'the upstream went on after the end of its answer',
}

export const NAMELESS_CALL: LossReport = {
  code: 'invalid_tool_call',
  level: 'lossy',
  path: '#tool_calls',
  message: 'the upstream never named a tool call, so it was left out',
}

export const SECOND_NAME: LossReport = {
  code: 'upstream_repaired',
  level: 'degraded',
  path: '#tool_calls',
  message: 'the upstream gave one call two names; the first was carried',
}

export const SECOND_LEGACY_CALL: LossReport = {
  code: 'invalid_tool_call',
  level: 'lossy',
  path: '#tool_use',
  message: 'a second call was left out: the functions form has room for one',
}

export const UNCLOSED_THINK_TAG: LossReport = {
  code: 'upstream_repaired',
  level: 'degraded',
  path: PATH,
  message: 'the reasoning tag was never closed, so all the text is reasoning',
}

export const STRAY_CITATION: LossReport = {
  code: 'citation_dropped',
  level: 'degraded',
  path: '#annotations',
  message: 'a citation came without a text that it could belong to',
}

export const CITATION_WITHOUT_URL: LossReport = {
  code: 'citation_dropped',
  level: 'lossy',
  path: '#citation',
  message: 'Chat has annotations for web pages only',
}

export const AUDIO_AS_TRANSCRIPT: LossReport = {
  code: 'media_type_unsupported',
  level: 'degraded',
  path: '#audio',
  message: 'spoken output was carried as its transcript',
}

export const UNCARRIED_SIGNATURE: LossReport = {
  code: 'reasoning_dropped',
  level: 'degraded',
  path: PATH,
  message: 'the upstream signed its reasoning in a form that it takes back only from its own clients',
}

export const PROOF_TOO_LONG: LossReport = {
  code: 'reasoning_dropped',
  level: 'degraded',
  path: '#reasoning_details',
  message: 'the proof of the reasoning is longer than what is kept of one, so it was left out',
}

export const OTHER_REASONING: LossReport = {
  code: 'reasoning_dropped',
  level: 'degraded',
  path: '#reasoning',
  message: 'the upstream gave its reasoning twice, in different words; one version was carried',
}

export const SEALS_NOT_CARRIED: LossReport = {
  code: 'reasoning_dropped',
  level: 'degraded',
  path: '#seal',
  message: 'the option sealsToChat is off, so reasoning proofs were not carried',
}

export const FLATTENED_SERVER_TOOL: LossReport = {
  code: 'server_tool_flattened',
  level: 'degraded',
  path: '#server_tool_use',
  message: 'a call or a result of a server tool became text',
}

export const MIXED_BLOCKS: LossReport = {
  code: 'upstream_repaired',
  level: 'degraded',
  path: '#text',
  message:
    'the upstream said several texts at once; a Chat stream has room for one, so their pieces stand as they came',
}

export const PHASE_LOST: LossReport = {
  code: 'param_unsupported',
  level: 'info',
  path: '#phase',
  message: 'Chat does not tell commentary from the final answer',
}

export const PAUSED_TURN: LossReport = {
  code: 'pause_turn',
  level: 'degraded',
  path: '#finish',
  message: 'the upstream paused its turn and wants it continued; Chat can only say that it stopped',
}
