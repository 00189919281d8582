import type { ChatRequest, Effort, Parameter, Reasoning } from '../model/chat-request.ts'
import type { FormatName } from '../model/format-name.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { adaptThinking } from './adapt-thinking.ts'
import { clampEffort, effortOfBudget } from './effort.ts'
import { withoutParameter, withParameter } from './parameters.ts'

/** Says how much the model shall reason in the words of the target: an effort (OpenAI) or thinking (Anthropic). */
export function adaptReasoning(request: ChatRequest, context: AdaptContext): ChatRequest {
  const reasoning = request.parameters.reasoning
  if (isMessagesTarget(context)) return adaptThinking(request, context)
  return reasoning === undefined ? request : toEffort(request, reasoning, context)
}

/** A wish for reasoning alone, of a request that is not adapted otherwise; `undefined` = none is left. */
export function adaptWish(
  reasoning: Parameter<Reasoning>,
  { format, context }: { readonly format: FormatName; readonly context: AdaptContext },
): Reasoning | undefined {
  const request = {
    format,
    model: '',
    stream: false,
    turns: [],
    tools: [],
    parameters: { reasoning },
    vendorFields: [],
  }
  return adaptReasoning(request, context).parameters.reasoning?.value
}

function toEffort(request: ChatRequest, wish: Parameter<Reasoning>, context: AdaptContext): ChatRequest {
  const { efforts } = context.profile.model
  if (isOff(wish.value)) return switchOff(request, wish, context)
  const wanted = wantedEffort(wish.value, context)
  if (wanted === undefined) return withoutParameter(request, 'reasoning')
  const effort = clampEffort(wanted, efforts)
  if (effort === undefined && hasSwitch(context)) return switchOn(request, wish, context)
  if (effort !== wanted) reportEffort(wish, { wanted, effort, context })
  if (effort === undefined) return withoutParameter(request, 'reasoning')
  return setReasoning(request, wish, { mode: 'on', effort, ...visibilityOf(wish.value) })
}

function hasSwitch({ profile }: AdaptContext): boolean {
  return profile.format === 'openai-chat' && profile.dialect.thinkingSwitch !== 'none'
}

/** The model reasons as much as it likes: only a client that named an amount loses something. */
function switchOn(request: ChatRequest, wish: Parameter<Reasoning>, context: AdaptContext): ChatRequest {
  const { effort, budgetTokens } = wish.value
  if (effort !== undefined || budgetTokens !== undefined) {
    const message = 'reasoning can only be switched on here; the amount was left to the model'
    context.report({ code: 'effort_clamped', level: 'degraded', path: wish.path, message })
  }
  return setReasoning(request, wish, { mode: 'on', ...visibilityOf(wish.value) })
}

function isOff(reasoning: Reasoning): boolean {
  return reasoning.mode === 'off' || reasoning.effort === 'none'
}

/** A model without efforts does not reason anyway; one that always does gets its lowest level. */
function switchOff(request: ChatRequest, wish: Parameter<Reasoning>, context: AdaptContext): ChatRequest {
  const { efforts } = context.profile.model
  reportIdleEffort(wish, context)
  if (hasSwitch(context)) return setReasoning(request, wish, { mode: 'off' })
  if (efforts === 'any' || efforts.includes('none')) return setReasoning(request, wish, { mode: 'off', effort: 'none' })
  const lowest = clampEffort('none', efforts)
  if (lowest === undefined) return withoutParameter(request, 'reasoning')
  reportEffort(wish, { wanted: 'none', effort: lowest, context })
  return setReasoning(request, wish, { mode: 'on', effort: lowest, ...visibilityOf(wish.value) })
}

function wantedEffort(reasoning: Reasoning, { profile }: AdaptContext): Effort | undefined {
  if (reasoning.effort !== undefined) return reasoning.effort
  if (reasoning.budgetTokens !== undefined) return effortOfBudget(reasoning.budgetTokens)
  return reasoning.mode === 'on' ? profile.model.defaultEffort : undefined
}

interface EffortChange {
  readonly wanted: Effort
  readonly effort: Effort | undefined
  readonly context: AdaptContext
}

/** Anthropic's effort also counts where thinking is off; here it is the one word for both. */
function reportIdleEffort({ value: { effort }, path }: Parameter<Reasoning>, { report }: AdaptContext): void {
  if (effort === undefined || effort === 'none') return
  report({
    code: 'effort_clamped',
    level: 'degraded',
    path,
    message: 'the target has no effort beside reasoning that is switched off',
    detail: { value: effort, replacedBy: 'none' },
  })
}

/** A model without reasoning takes nothing away from a client that left the amount to the model. */
function reportEffort(wish: Parameter<Reasoning>, { wanted, effort, context }: EffortChange): void {
  const isModelsChoice =
    effort === undefined && wish.value.effort === undefined && wish.value.budgetTokens === undefined
  const message =
    effort === undefined
      ? 'the model takes no reasoning effort'
      : 'the model does not take this reasoning effort; the nearest was set'
  context.report({
    code: 'effort_clamped',
    level: isModelsChoice ? 'info' : 'degraded',
    path: wish.path,
    message,
    detail: effort === undefined ? { value: wanted } : { value: wanted, replacedBy: effort },
  })
}

function visibilityOf({ visibility }: Reasoning): Pick<Reasoning, 'visibility'> {
  return visibility === undefined ? {} : { visibility }
}

/** The same object when nothing changes, so that a second run changes nothing. */
function setReasoning(request: ChatRequest, wish: Parameter<Reasoning>, value: Reasoning): ChatRequest {
  return withParameter(request, 'reasoning', { value, path: wish.path })
}
