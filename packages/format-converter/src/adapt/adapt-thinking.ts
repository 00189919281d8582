import type { ChatRequest, Effort, Reasoning } from '../model/chat-request.ts'
import type { AdaptContext } from './adapt-context.ts'
import { budgetOfEffort, clampEffort, effortOfBudget } from './effort.ts'
import { limitThinking, MINIMUM_BUDGET } from './limit-thinking.ts'
import { withoutParameter, withParameter } from './parameters.ts'

/** Puts the wish for reasoning into the thinking types and efforts that a Messages model takes. */
export function adaptThinking(request: ChatRequest, context: AdaptContext): ChatRequest {
  const wish = request.parameters.reasoning
  if (wish === undefined) return limitThinking(request, context)
  const setting: Setting = { request, context, path: wish.path }
  const value = translate(wish.value, setting)
  const adapted =
    value === undefined
      ? withoutParameter(request, 'reasoning')
      : withParameter(request, 'reasoning', { value, path: wish.path })
  return limitThinking(adapted, context)
}

interface Setting {
  readonly request: ChatRequest
  readonly context: AdaptContext
  readonly path: string
}

function translate(wish: Reasoning, setting: Setting): Reasoning | undefined {
  if (wish.mode === 'off' || wish.effort === 'none') return switchOff(wish, setting)
  // A budget alone is a wish as well (OpenRouter's `reasoning.max_tokens`).
  return wish.mode === 'on' || wish.budgetTokens !== undefined ? switchOn(wish, setting) : effortOnly(wish, setting)
}

function isNative({ request }: Setting): boolean {
  return request.format === 'anthropic-messages'
}

function types({ context }: Setting): 'any' | readonly string[] {
  return context.profile.model.thinkingTypes
}

function switchOff(wish: Reasoning, setting: Setting): Reasoning | undefined {
  const { model } = setting.context.profile
  const known = types(setting)
  if (known === 'any' || known.includes('disabled')) {
    const effort = isNative(setting) && wish.effort !== 'none' ? wish.effort : undefined
    if (effort === undefined) return { mode: 'off' }
    const limited =
      model.disabledThinkingLimitsEffort === true ? clampEffort(effort, ['low', 'medium', 'high']) : effort
    return { mode: 'off', ...effortMember(effort, limited, setting) }
  }
  if (known.length === 0) return undefined
  return { mode: 'default', ...effortMember('none', clampEffort('low', model.efforts), setting) }
}

function switchOn(wish: Reasoning, setting: Setting): Reasoning | undefined {
  const known = types(setting)
  const shown = wish.visibility === undefined ? {} : { visibility: wish.visibility }
  if (known === 'any') return switchOnUnknown(wish, setting)
  if (isBudget(wish) && known.includes('enabled'))
    return { ...wish, mode: 'on', style: 'budget', ...nativeEffort(wish, setting) }
  if (known.includes('adaptive')) {
    const style = wish.style === 'between-tools' ? 'between-tools' : 'adaptive'
    return { mode: 'on', style, ...adaptiveEffort(wish, setting), ...shown }
  }
  if (known.includes('enabled')) {
    return {
      mode: 'on',
      style: 'budget',
      budgetTokens: budgetFor(wish, setting),
      ...nativeEffort(wish, setting),
      ...shown,
    }
  }
  setting.context.report({
    code: 'effort_clamped',
    level: 'degraded',
    path: setting.path,
    message: 'the model cannot think',
  })
  return undefined
}

/** Other vendors' models behind the Messages format know the oldest form, a budget. */
function switchOnUnknown(wish: Reasoning, setting: Setting): Reasoning {
  if (isNative(setting) || wish.style !== undefined) return { ...wish, mode: 'on' }
  const { effort, budgetTokens, ...rest } = wish
  return { ...rest, mode: 'on', style: 'budget', budgetTokens: budgetTokens ?? budgetFor({ ...rest, effort }, setting) }
}

/** The budget of an effort; where it is larger than the whole answer may be, a quarter stays for the answer itself. */
function budgetFor(wish: Reasoning, { request, context, path }: Setting): number {
  const budget = budgetOfEffort(wish.effort ?? context.profile.model.defaultEffort)
  const limit = request.parameters.maxOutputTokens?.value ?? Number.POSITIVE_INFINITY
  if (budget < limit) return budget
  const lowered = Math.floor(limit * 0.75)
  if (lowered >= MINIMUM_BUDGET) {
    const message = 'the budget that stands for this effort did not fit the limit of the answer'
    const detail = { value: budget, replacedBy: lowered }
    context.report({ code: 'budget_clamped', level: 'repaired', path, message, detail })
  }
  return lowered
}

function isBudget(wish: Reasoning): boolean {
  return (
    wish.budgetTokens !== undefined &&
    (wish.style === undefined || wish.style === 'budget') &&
    (wish.effort === undefined || wish.style === 'budget')
  )
}

function adaptiveEffort(wish: Reasoning, setting: Setting): Pick<Reasoning, 'effort'> {
  const fromBudget = wish.budgetTokens === undefined ? undefined : effortOfBudget(wish.budgetTokens)
  if (fromBudget !== undefined && wish.effort === undefined) {
    const message = 'the model takes no thinking budget; an effort was set instead'
    setting.context.report({ code: 'budget_clamped', level: 'degraded', path: setting.path, message })
  }
  const wanted = wish.effort ?? fromBudget
  return wanted === undefined
    ? {}
    : effortMember(wanted, clampEffort(wanted, setting.context.profile.model.efforts), setting)
}

/** An effort beside a budget: only where the client itself gave both. */
function nativeEffort(wish: Reasoning, setting: Setting): Pick<Reasoning, 'effort'> {
  if (!isNative(setting) || wish.effort === undefined) return { effort: undefined }
  return {
    effort: undefined,
    ...effortMember(wish.effort, clampEffort(wish.effort, setting.context.profile.model.efforts), setting),
  }
}

function effortOnly(wish: Reasoning, setting: Setting): Reasoning | undefined {
  if (wish.effort === undefined) return wish
  const member = effortMember(wish.effort, clampEffort(wish.effort, setting.context.profile.model.efforts), setting)
  return member.effort === undefined ? undefined : { ...wish, ...member }
}

function effortMember(
  wanted: Effort,
  effort: Effort | undefined,
  { context, path }: Setting,
): Pick<Reasoning, 'effort'> {
  if (effort !== wanted) {
    const message =
      effort === undefined ? 'the model takes no effort' : 'the model does not take this effort; the nearest was set'
    const detail = effort === undefined ? { value: wanted } : { value: wanted, replacedBy: effort }
    context.report({ code: 'effort_clamped', level: 'degraded', path, message, detail })
  }
  return effort === undefined ? {} : { effort }
}
