import type { Effort, Reasoning } from '../model/chat-request.ts'
import { isJsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { takeEffort } from '../wire/openai-parameters.ts'
import { reportRest, takeBoolean, takeInteger, takeObject, takeString, type WireObject } from '../wire/read-object.ts'

/** What one of the ways to wish for reasoning says. */
interface Wish {
  readonly isOn?: boolean | undefined
  readonly effort?: Effort | undefined
  readonly budgetTokens?: number | undefined
  readonly isHidden?: boolean
}

/** The field that a wish for reasoning came in, to name it in losses. */
export function reasoningKey(request: WireObject): string {
  return (
    ['reasoning_effort', 'reasoning', 'thinking', 'enable_thinking'].find((key) => Object.hasOwn(request.value, key)) ??
    'reasoning_effort'
  )
}

/**
 * OpenAI's `reasoning_effort`, OpenRouter's `reasoning` object, the `thinking` switch of DeepSeek and GLM, and Qwen's
 * `enable_thinking`; the first that says something counts.
 */
export function takeReasoning(request: WireObject, report: ReportLoss): Reasoning | undefined {
  const wishes = [
    takeEffortField(request),
    takeReasoningObject(request, report),
    takeThinkingSwitch(request, report),
    takeQwenSwitch(request),
  ].filter((wish) => wish !== undefined)
  if (wishes.length === 0) return undefined
  const effort = wishes.find((wish) => wish.effort !== undefined)?.effort
  const budgetTokens = wishes.find((wish) => wish.budgetTokens !== undefined)?.budgetTokens
  const isOn = wishes.find((wish) => wish.isOn !== undefined)?.isOn
  return {
    mode: modeOf(isOn),
    ...(effort !== undefined && { effort }),
    ...(budgetTokens !== undefined && { budgetTokens }),
    ...(wishes.some((wish) => wish.isHidden === true) && { visibility: 'omitted' as const }),
  }
}

function takeEffortField(request: WireObject): Wish | undefined {
  const effort = takeEffort(request, 'reasoning_effort')
  return effort === undefined ? undefined : { effort, isOn: effort !== 'none' }
}

function takeReasoningObject(request: WireObject, report: ReportLoss): Wish | undefined {
  if (!isJsonObject(request.value['reasoning'])) return undefined
  const wished = takeObject(request, 'reasoning')
  if (wished === undefined) return undefined
  const effort = takeEffort(wished, 'effort')
  const isOn = takeBoolean(wished, 'enabled') ?? (effort === undefined ? undefined : effort !== 'none')
  const budgetTokens = takeInteger(wished, 'max_tokens')
  const isHidden = takeBoolean(wished, 'exclude') === true
  reportRest(wished, report)
  return { effort, isOn, budgetTokens, isHidden }
}

function takeThinkingSwitch(request: WireObject, report: ReportLoss): Wish | undefined {
  if (!isJsonObject(request.value['thinking'])) return undefined
  const thinking = takeObject(request, 'thinking')
  if (thinking === undefined) return undefined
  const type = takeString(thinking, 'type')
  const isKnown = type === 'enabled' || type === 'disabled'
  const budgetTokens = takeInteger(thinking, 'budget_tokens')
  reportRest(thinking, report)
  return { isOn: isKnown ? type === 'enabled' : undefined, budgetTokens }
}

function takeQwenSwitch(request: WireObject): Wish | undefined {
  if (typeof request.value['enable_thinking'] !== 'boolean') return undefined
  return { isOn: takeBoolean(request, 'enable_thinking'), budgetTokens: takeInteger(request, 'thinking_budget') }
}

function modeOf(isOn: boolean | undefined): Reasoning['mode'] {
  if (isOn === undefined) return 'default'
  return isOn ? 'on' : 'off'
}
