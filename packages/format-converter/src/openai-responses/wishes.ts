import type { Effort, OutputFormat, Reasoning } from '../model/chat-request.ts'
import type { JsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import {
  pointer,
  reportRest,
  required,
  take,
  takeBoolean,
  takeObject,
  takeString,
  type WireObject,
} from '../wire/read-object.ts'

const EFFORTS: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']
const VERBOSITIES = ['low', 'medium', 'high'] as const

/** Members of `reasoning` that other formats do not have. */
const REASONING_MEMBERS = ['context', 'mode'] as const

/** What `reasoning` asks for. */
export interface ReasoningWish {
  readonly reasoning: Reasoning
  /** The kind of summary, in the client's word. */
  readonly summary?: string
  /** The member that names it. */
  readonly summaryKey: 'summary' | 'generate_summary'
}

/** One of a few words. Others stay unread and are reported with the rest. */
function takeWord<Word extends string>(object: WireObject, key: string, words: readonly Word[]): Word | undefined {
  const word = words.find((candidate) => candidate === object.value[key])
  if (word !== undefined) take(object, key)
  return word
}

/** An effort level. */
export function takeEffort(reasoning: WireObject): Effort | undefined {
  return takeWord(reasoning, 'effort', EFFORTS)
}

export function takeVerbosity(text: WireObject): (typeof VERBOSITIES)[number] | undefined {
  return takeWord(text, 'verbosity', VERBOSITIES)
}

/** Reads `reasoning`. */
export function takeReasoning(request: WireObject, report: ReportLoss): ReasoningWish | undefined {
  const wished = takeObject(request, 'reasoning')
  if (wished === undefined) return undefined
  const effort = takeEffort(wished)
  const older = takeString(wished, 'generate_summary')
  const newer = takeString(wished, 'summary')
  const summary = newer ?? older
  for (const name of REASONING_MEMBERS) reportMember(wished, name, report)
  reportRest(wished, report)
  const visibility = visibilityOf(summary)
  const reasoning = {
    mode: modeOf(effort),
    ...(effort !== undefined && { effort }),
    ...(visibility !== undefined && { visibility }),
  }
  return {
    reasoning,
    ...(visibility !== undefined && { summary }),
    summaryKey: newer === undefined ? 'generate_summary' : 'summary',
  }
}

function reportMember(wished: WireObject, name: string, report: ReportLoss): void {
  if (take(wished, name) === undefined) return
  report({
    code: 'param_unsupported',
    level: 'lossy',
    path: pointer(wished.path, name),
    message: 'the target has no such choice of reasoning',
  })
}

function modeOf(effort: Effort | undefined): Reasoning['mode'] {
  if (effort === undefined) return 'default'
  return effort === 'none' ? 'off' : 'on'
}

function visibilityOf(summary: string | undefined): Reasoning['visibility'] {
  if (summary === undefined || summary === 'none') return undefined
  return summary === 'detailed' ? 'detailed' : 'summary'
}

/** Reads `format` of `text`, which is flat where Chat nests. */
export function takeOutputFormat(text: WireObject, path: string, report: ReportLoss): OutputFormat | undefined {
  const format = takeObject(text, 'format')
  if (format === undefined) return undefined
  const type = takeString(format, 'type')
  if (type === 'json_schema') return takeSchema(format, report)
  reportRest(format, report)
  if (type === 'text') return { type: 'text' }
  if (type === 'json_object') return { type: 'json-object' }
  report({
    code: 'unknown_field',
    level: 'lossy',
    path: pointer(path, 'type'),
    message: 'the type of the text format is not known and was not carried',
  })
  return undefined
}

function takeSchema(format: WireObject, report: ReportLoss): OutputFormat {
  const schema: JsonObject = required(takeObject(format, 'schema'), pointer(format.path, 'schema')).value
  const name = takeString(format, 'name')
  const description = takeString(format, 'description')
  const strict = takeBoolean(format, 'strict')
  reportRest(format, report)
  return {
    type: 'json-schema',
    schema,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  }
}
