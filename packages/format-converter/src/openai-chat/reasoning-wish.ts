import type { Effort, Reasoning } from '../model/chat-request.ts'
import { isJsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import {
  reportRest,
  take,
  takeBoolean,
  takeInteger,
  takeObject,
  takeString,
  type WireObject,
} from '../wire/read-object.ts'

const EFFORTS: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

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

/** One of a few words. Others stay unread and become vendor fields. */
export function takeWord<Word extends string>(
  object: WireObject,
  key: string,
  words: readonly Word[],
): Word | undefined {
  const word = words.find((candidate) => candidate === object.value[key])
  if (word !== undefined) take(object, key)
  return word
}

function takeEffortField(request: WireObject): Wish | undefined {
  const effort = takeWord(request, 'reasoning_effort', EFFORTS)
  return effort === undefined ? undefined : { effort, isOn: effort !== 'none' }
}

function takeReasoningObject(request: WireObject, report: ReportLoss): Wish | undefined {
  if (!isJsonObject(request.value['reasoning'])) return undefined
  const wished = takeObject(request, 'reasoning')
  if (wished === undefined) return undefined
  const effort = takeWord(wished, 'effort', EFFORTS)
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
