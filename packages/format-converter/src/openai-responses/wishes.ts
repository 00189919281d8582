import type { Effort, Reasoning } from '../model/chat-request.ts'
import type { ReportLoss } from '../model/loss.ts'
import { takeEffort } from '../wire/openai-parameters.ts'
import { pointer, reportRest, take, takeObject, takeString, type WireObject } from '../wire/read-object.ts'

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

/** Reads `reasoning`. */
export function takeReasoning(request: WireObject, report: ReportLoss): ReasoningWish | undefined {
  const wished = takeObject(request, 'reasoning')
  if (wished === undefined) return undefined
  const effort = takeEffort(wished, 'effort')
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
