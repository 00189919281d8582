import type { ChatRequest, RequestParameters } from '../model/chat-request.ts'
import type { LossLevel } from '../model/loss.ts'
import { isPassed } from '../wire/vendor-fields.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { withoutParameter, withParameter } from './parameters.ts'

type Sampling = 'temperature' | 'topP' | 'topK' | 'frequencyPenalty' | 'presencePenalty' | 'logitBias' | 'logprobs'

/** Messages models refuse values of `top_p` below this when sampling is rejected. */
const NEUTRAL_TOP_P = 0.99

/** Range of `top_p` while a model thinks. */
const THINKING_TOP_P = 0.95

/** Takes away or bounds what the model refuses of how tokens are chosen. Runs after the reasoning is decided. */
export function adaptSampling(request: ChatRequest, context: AdaptContext): ChatRequest {
  return isMessagesTarget(context) ? forMessages(request, context) : forChat(request, context)
}

function forMessages(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { model } = context.profile
  const bounded = clampTemperature(dropLogprobs(request, context), context)
  if (model.sampling === 'rejected') return dropRejected(bounded, context)
  const quiet = thinks(bounded) && model.thinkingTypes !== 'any' ? quietForThinking(bounded, context) : bounded
  if (model.rejectsTemperatureWithTopP !== true || quiet.parameters.temperature === undefined) return quiet
  return drop(quiet, 'topP', { context, level: 'lossy', message: 'the model takes temperature or top_p, not both' })
}

function dropLogprobs(request: ChatRequest, { report }: AdaptContext): ChatRequest {
  const { logprobs } = request.parameters
  if (logprobs === undefined) return request
  report({
    code: 'logprobs_dropped',
    level: 'lossy',
    path: logprobs.path,
    message: 'the target gives no log probabilities',
  })
  return withoutParameter(request, 'logprobs')
}

/** OpenAI's temperature goes up to 2, Anthropic's up to 1. */
function clampTemperature(request: ChatRequest, { report }: AdaptContext): ChatRequest {
  const { temperature } = request.parameters
  if (temperature === undefined || temperature.value <= 1) return request
  const detail = { value: temperature.value, replacedBy: 1 }
  report({
    code: 'param_clamped',
    level: 'repaired',
    path: temperature.path,
    message: 'temperature goes up to 1 here',
    detail,
  })
  return withParameter(request, 'temperature', { ...temperature, value: 1 })
}

function dropRejected(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { temperature, topP } = request.parameters
  const message = 'the model refuses sampling parameters'
  const withoutTemperature = drop(request, 'temperature', {
    context,
    level: temperature?.value === 1 ? 'info' : 'lossy',
    message,
  })
  const withoutTopP = drop(withoutTemperature, 'topP', {
    context,
    level: (topP?.value ?? 1) >= NEUTRAL_TOP_P ? 'info' : 'lossy',
    message,
  })
  return drop(withoutTopP, 'topK', { context, level: 'lossy', message })
}

function thinks(request: ChatRequest): boolean {
  return request.parameters.reasoning?.value.mode === 'on'
}

/** While they think, Claude models up to 4.6 take temperature 1, no `top_k`, and `top_p` from 0.95. */
function quietForThinking(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { temperature, topP } = request.parameters
  const message = 'the model refuses this while it thinks'
  const withoutTopK = drop(request, 'topK', { context, level: 'repaired', message })
  const quiet =
    temperature === undefined || temperature.value === 1
      ? withoutTopK
      : drop(withoutTopK, 'temperature', { context, level: 'repaired', message })
  if (topP === undefined || topP.value >= THINKING_TOP_P) return quiet
  const detail = { value: topP.value, replacedBy: THINKING_TOP_P }
  context.report({
    code: 'param_clamped',
    level: 'repaired',
    path: topP.path,
    message: 'top_p starts at 0.95 while the model thinks',
    detail,
  })
  return withParameter(quiet, 'topP', { ...topP, value: THINKING_TOP_P })
}

function forChat(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { model } = context.profile
  const withTopK = takesTopK(request, context)
    ? request
    : drop(request, 'topK', { context, level: 'lossy', message: 'the target has no top_k' })
  return model.sampling === 'reasoning-rules' ? forReasoningModel(withTopK, context) : withTopK
}

/**
 * Anthropic's own `top_k` goes to upstreams that are known to understand it. From clients of OpenAI's formats, which have
 * no such word, it is a wish at the upstream's address, and goes with the others that the profile passes on.
 */
function takesTopK({ format, parameters }: ChatRequest, { profile }: AdaptContext): boolean {
  if (profile.dialect.topK || parameters.topK === undefined) return true
  const field = { name: 'top_k', path: parameters.topK.path }
  return format !== 'anthropic-messages' && isPassed(field, profile.passthrough)
}

/** OpenAI's reasoning models sample freely only with effort `none`, which exists since GPT-5.1. */
function forReasoningModel(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { efforts } = context.profile.model
  const message = 'the model refuses this'
  let adapted = request
  for (const name of ['frequencyPenalty', 'presencePenalty', 'logitBias'] as const) {
    adapted = drop(adapted, name, { context, level: isNeutral(adapted, name) ? 'info' : 'lossy', message })
  }
  const isQuiet = request.parameters.reasoning?.value.effort === 'none' && efforts !== 'any' && efforts.includes('none')
  if (isQuiet) return adapted
  for (const name of ['temperature', 'topP', 'logprobs'] as const) {
    adapted = drop(adapted, name, {
      context,
      level: isNeutral(adapted, name) ? 'info' : 'lossy',
      message: `${message} while it reasons`,
    })
  }
  return adapted
}

function isNeutral(request: ChatRequest, name: Sampling): boolean {
  const value = request.parameters[name]?.value
  if (name === 'temperature' || name === 'topP') return value === 1
  if (name === 'logitBias') return typeof value === 'object' && Object.keys(value).length === 0
  return name !== 'logprobs' && value === 0
}

interface Dropping {
  readonly context: AdaptContext
  readonly level: LossLevel
  readonly message: string
}

function drop(
  request: ChatRequest,
  name: Sampling & keyof RequestParameters,
  { context, level, message }: Dropping,
): ChatRequest {
  const parameter = request.parameters[name]
  if (parameter === undefined) return request
  const detail = typeof parameter.value === 'number' ? { value: parameter.value } : undefined
  const code = name === 'logprobs' ? 'logprobs_dropped' : 'sampling_rejected'
  context.report({ code, level, path: parameter.path, message, ...(detail !== undefined && { detail }) })
  return withoutParameter(request, name)
}
