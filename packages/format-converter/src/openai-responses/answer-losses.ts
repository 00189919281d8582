import type { LossReport } from '../model/loss.ts'
import { clip } from './wire.ts'

export const LATE_EVENT: LossReport = {
  code: 'event_after_end',
  level: 'info',
  path: '#response',
  message: 'the upstream went on after the end of its answer',
}

export const LATE_DELTA: LossReport = {
  code: 'late_delta_dropped',
  level: 'lossy',
  path: '#response.output_item.done',
  message: 'a piece of an item came after the item was done and was left out',
}

export function unknownEvent(type: string): LossReport {
  const message = 'an event of this type is not known and was ignored'
  return { code: 'unknown_field', level: 'info', path: `#${clip(type)}`, message }
}

export const UNKNOWN_PART: LossReport = {
  code: 'unknown_field',
  level: 'lossy',
  path: '#response.content_part.done',
  message: 'a part of a message of a kind that is not known was left out',
}

export const NO_RESPONSE: LossReport = {
  code: 'malformed_event',
  level: 'lossy',
  path: '#response',
  message: 'what stood in place of the finished response was left out',
}

export const NO_ITEM: LossReport = {
  code: 'malformed_event',
  level: 'lossy',
  path: '#response.output_item.done',
  message: 'what stood in place of an item of the output was left out',
}

export const NAMELESS_CALL: LossReport = {
  code: 'invalid_tool_call',
  level: 'lossy',
  path: '#response.output_item.done',
  message: 'the upstream never named a tool call, so it was left out',
}

export const DIFFERENT_TEXT: LossReport = {
  code: 'upstream_repaired',
  level: 'degraded',
  path: '#response.output_item.done',
  message: 'the final text of the upstream differs from its fragments; the fragments were kept',
}

export const SECOND_REASONING: LossReport = {
  code: 'reasoning_dropped',
  level: 'info',
  path: '#response.output_item.done',
  message: 'the upstream gave one piece of reasoning in full and as a summary; the first was carried',
}

export const CITATION_WITHOUT_URL: LossReport = {
  code: 'citation_dropped',
  level: 'lossy',
  path: '#citation',
  message: 'a citation of another vendor that names no web page was left out',
}

export const HOMELESS_CITATION: LossReport = {
  code: 'citation_dropped',
  level: 'degraded',
  path: '#citation',
  message: 'a citation came without a text, or when its text was over',
}

export const SEARCH_ERROR: LossReport = {
  code: 'server_tool_dropped',
  level: 'info',
  path: '#web_search_tool_result_error',
  message: 'why a web search failed is not told in a Responses answer',
}

export const BROKEN_CALL: LossReport = {
  code: 'invalid_tool_arguments',
  level: 'degraded',
  path: '#tool_use',
  message: 'the arguments of a call do not say what its tool is to do, so the action of its item is not whole',
}

export const ARGUMENTS_LEFT_OUT: LossReport = {
  code: 'invalid_tool_arguments',
  level: 'degraded',
  path: '#tool_use',
  message: 'arguments of a call that its tool does not take have no place in its item and were left out',
}

export const PAUSED: LossReport = {
  code: 'pause_turn',
  level: 'degraded',
  path: '#finish',
  message: 'the upstream paused its turn; the format has no word for it, so the answer is complete',
}
