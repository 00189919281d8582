import type { ChatRequest } from '../model/chat-request.ts'
import type { LossLevel } from '../model/loss.ts'
import { emulatesStop } from '../options.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { budgetOfEffort } from './effort.ts'
import { mayThink } from './limit-thinking.ts'
import { withoutParameter, withParameter } from './parameters.ts'

/** What is asked for when the client asks for nothing, in tokens; whole answers stay short of common timeouts. */
const DEFAULT_STREAMED = 64_000
const DEFAULT_WHOLE = 16_000
/** For models of which nothing is known. */
const DEFAULT_UNKNOWN = 8_192

/** Fewest tokens that a Responses upstream takes. */
const RESPONSES_MINIMUM = 16

/** Most stop sequences that Chat takes. */
const CHAT_STOPS = 4

/** Bounds the length of the answer and the sequences that stop it. */
export function limitOutput(request: ChatRequest, context: AdaptContext): ChatRequest {
  return limitStops(clampLimit(fillLimit(request, context), context), context)
}

/** The limit a Messages request must have, when the client gave none. */
function defaultOutputLimit(request: ChatRequest, { profile }: AdaptContext): number {
  const { maxOutputTokens } = profile.model
  return maxOutputTokens === undefined
    ? DEFAULT_UNKNOWN
    : Math.min(maxOutputTokens, request.stream ? DEFAULT_STREAMED : DEFAULT_WHOLE)
}

function fillLimit(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (!isMessagesTarget(context) || request.parameters.maxOutputTokens !== undefined) return request
  const value = Math.min(
    context.profile.model.maxOutputTokens ?? Number.POSITIVE_INFINITY,
    defaultOutputLimit(request, context) + thinkingRoom(request, context),
  )
  const message = 'the target wants a limit of the answer; the default was set'
  context.report({
    code: 'max_tokens_defaulted',
    level: 'info',
    path: '/max_tokens',
    message,
    detail: { replacedBy: value },
  })
  return withParameter(request, 'maxOutputTokens', { value, path: '/max_tokens' })
}

/** A model with a thinking budget thinks inside the limit: nobody having set one, it grows by the budget. */
function thinkingRoom(request: ChatRequest, context: AdaptContext): number {
  const { profile } = context
  const wish = request.parameters.reasoning?.value
  const types = profile.model.thinkingTypes
  if (wish?.mode !== 'on' || types === 'any' || !types.includes('enabled') || types.includes('adaptive')) return 0
  if (!mayThink(request, context)) return 0
  return wish.budgetTokens ?? budgetOfEffort(wish.effort ?? profile.model.defaultEffort)
}

function clampLimit(request: ChatRequest, { profile, report }: AdaptContext): ChatRequest {
  const limit = request.parameters.maxOutputTokens
  if (limit === undefined) return request
  const minimum = lowestLimit(request, profile.format)
  const value = Math.max(minimum, Math.min(limit.value, profile.model.maxOutputTokens ?? Number.POSITIVE_INFINITY))
  if (value === limit.value) return request
  const detail = { value: limit.value, replacedBy: value }
  report({
    code: 'max_tokens_clamped',
    level: 'repaired',
    path: limit.path,
    message: 'the limit of the answer is outside of what the model takes',
    detail,
  })
  return withParameter(request, 'maxOutputTokens', { ...limit, value })
}

/** 0 warms a prompt cache, from Messages to Messages only. */
function lowestLimit(request: ChatRequest, target: ChatRequest['format']): number {
  if (target === 'openai-responses') return RESPONSES_MINIMUM
  return request.format === 'anthropic-messages' && target === 'anthropic-messages' ? 0 : 1
}

function limitStops(request: ChatRequest, context: AdaptContext): ChatRequest {
  const stop = request.parameters.stop
  if (stop === undefined) return request
  if (context.profile.format === 'openai-responses' || !context.profile.model.stop) {
    const message = 'the model takes no stop sequences'
    if (stop.value.length > 0)
      context.report({
        code: 'stop_unsupported',
        level: lossLevel(context),
        path: stop.path,
        message,
        detail: { count: stop.value.length },
      })
    return withoutParameter(request, 'stop')
  }
  const value = isMessagesTarget(context)
    ? withContent(stop.value, stop.path, context)
    : firstFour(stop.value, stop.path, context)
  if (value.length === 0) return withoutParameter(request, 'stop')
  return value.length === stop.value.length ? request : withParameter(request, 'stop', { ...stop, value })
}

/** A sequence that the upstream does not see is not lost where the answer is watched for it. */
function lossLevel({ options }: AdaptContext): LossLevel {
  return emulatesStop(options) ? 'info' : 'lossy'
}

function withContent(sequences: readonly string[], path: string, context: AdaptContext): readonly string[] {
  const kept = sequences.filter((sequence) => sequence.trim() !== '')
  const count = sequences.length - kept.length
  if (count > 0)
    context.report({
      code: 'stop_unsupported',
      level: lossLevel(context),
      path,
      message: 'the target refuses stop sequences without visible characters',
      detail: { count },
    })
  return kept
}

function firstFour(sequences: readonly string[], path: string, context: AdaptContext): readonly string[] {
  const kept = sequences.filter((sequence) => sequence !== '').slice(0, CHAT_STOPS)
  const count = sequences.length - kept.length
  if (count > 0)
    context.report({
      code: 'stop_truncated',
      level: lossLevel(context),
      path,
      message: `the target takes ${CHAT_STOPS} stop sequences`,
      detail: { count },
    })
  return kept
}
