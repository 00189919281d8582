import type { ChatRequest, Parameter, Reasoning, ToolChoice } from '../model/chat-request.ts'
import type { LossReport } from '../model/loss.ts'
import type { AdaptContext } from './adapt-context.ts'
import { withParameter } from './parameters.ts'

/** Smallest thinking budget, in tokens. */
export const MINIMUM_BUDGET = 1_024

/** Keeps thinking within what the rest of the request allows: its budget, a forced tool, an open tool loop. */
export function limitThinking(request: ChatRequest, context: AdaptContext): ChatRequest {
  const fitted = fitBudget(request, context)
  const free = yieldToForcedTool(fitted, context)
  return yieldToToolLoop(free, context)
}

function fitBudget(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { reasoning, maxOutputTokens: limit } = request.parameters
  if (reasoning?.value.mode !== 'on' || reasoning.value.style !== 'budget' || limit === undefined) return request
  const budget = reasoning.value.budgetTokens ?? MINIMUM_BUDGET
  if (limit.value <= MINIMUM_BUDGET) {
    const message = 'max_tokens leaves no room to think'
    return switchOff(request, { code: 'budget_clamped', level: 'degraded', path: limit.path, message }, context)
  }
  const fitting = Math.max(MINIMUM_BUDGET, Math.min(budget, limit.value - 1))
  if (fitting === budget && reasoning.value.budgetTokens !== undefined) return request
  const detail = { value: budget, replacedBy: fitting }
  context.report({
    code: 'budget_clamped',
    level: 'repaired',
    path: reasoning.path,
    message: 'the thinking budget did not fit max_tokens',
    detail,
  })
  return withParameter(request, 'reasoning', { ...reasoning, value: { ...reasoning.value, budgetTokens: fitting } })
}

/** Whether a model with a thinking budget will be left to think. */
export function mayThink(request: ChatRequest, context: AdaptContext): boolean {
  return forceAgainstThinking(request, context) === undefined && !isOpenLoopWithoutThinking(request)
}

/** Claude models up to 4.7 refuse to think when they are forced to call a tool. */
function forceAgainstThinking(
  { parameters: { toolChoice }, tools }: ChatRequest,
  { profile }: AdaptContext,
): Parameter<ToolChoice> | undefined {
  if (profile.model.forcedToolChoiceWithThinking || toolChoice === undefined || tools.length === 0) return undefined
  const { value } = toolChoice
  const isForced =
    value.type === 'required' || value.type === 'tool' || (value.type === 'allowed' && value.mode === 'required')
  return isForced ? toolChoice : undefined
}

function yieldToForcedTool(request: ChatRequest, context: AdaptContext): ChatRequest {
  const toolChoice = forceAgainstThinking(request, context)
  if (toolChoice === undefined || request.parameters.reasoning?.value.mode !== 'on') return request
  const message = 'the model cannot think while a tool is forced; thinking was switched off'
  return switchOff(
    request,
    { code: 'thinking_disabled_forced_tool', level: 'degraded', path: toolChoice.path, message },
    context,
  )
}

/** A model with a thinking budget wants the turn whose calls were just answered to begin with its thinking. */
function yieldToToolLoop(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { reasoning } = request.parameters
  const types = context.profile.model.thinkingTypes
  if (reasoning?.value.mode !== 'on' || reasoning.value.style !== 'budget' || types === 'any') return request
  if (!isOpenLoopWithoutThinking(request)) return request
  const message = 'the calls of the last turn came without their thinking; thinking was switched off'
  return switchOff(request, { code: 'reasoning_dropped', level: 'degraded', path: reasoning.path, message }, context)
}

function isOpenLoopWithoutThinking({ turns }: ChatRequest): boolean {
  const last = turns.findLast((turn) => turn.role !== 'operator')
  const assistant = turns.findLast((turn) => turn.role === 'assistant')
  return last?.parts[0]?.type === 'tool-result' && assistant !== undefined && assistant.parts[0]?.type !== 'reasoning'
}

function switchOff(request: ChatRequest, loss: LossReport, { report }: AdaptContext): ChatRequest {
  const { reasoning } = request.parameters
  if (reasoning === undefined) return request
  report(loss)
  const { effort } = reasoning.value
  // Anthropic's effort also governs the answer itself; OpenAI's is about reasoning alone.
  const value: Reasoning =
    effort === undefined || request.format !== 'anthropic-messages' ? { mode: 'off' } : { mode: 'off', effort }
  return withParameter(request, 'reasoning', { ...reasoning, value })
}
