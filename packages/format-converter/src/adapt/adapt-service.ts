import type { ChatRequest, Parameter } from '../model/chat-request.ts'
import { hashText } from '../wire/hash.ts'
import { isOpenAiTier } from '../wire/openai-tiers.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { withoutParameter, withParameter } from './parameters.ts'

/** Longest identifier that OpenAI takes. */
const IDENTIFIER_LIMIT = 128

/** Length of the cache key that is made from an identity, in hexadecimal digits. */
const KEY_LENGTH = 32

/** Translates who asks and how fast: identities, cache keys, service tiers. */
export function adaptService(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (request.format === context.profile.format) return request
  return isMessagesTarget(context)
    ? tierForMessages(identityForMessages(request, context), context)
    : tierForChat(identityForChat(request, context), context)
}

/** Anthropic's `user_id` may hold device and account ids: it never leaves as it is. */
function identityForChat(request: ChatRequest, context: AdaptContext): ChatRequest {
  const user = request.parameters.userId
  if (user === undefined || request.format !== 'anthropic-messages') return request
  const hash = context.hash?.(user.value) ?? hashText(user.value, 4)
  context.report({
    code: 'identity_hashed',
    level: 'info',
    path: user.path,
    message: 'the identity was hashed before it went to another vendor',
  })
  const hidden = withParameter(withoutParameter(request, 'userId'), 'safetyIdentifier', {
    value: hash.slice(0, IDENTIFIER_LIMIT),
    path: user.path,
  })
  if (!context.profile.dialect.promptCacheKey || hidden.parameters.cacheKey !== undefined) return hidden
  return withParameter(hidden, 'cacheKey', { value: hash.slice(0, KEY_LENGTH), path: user.path })
}

function identityForMessages(request: ChatRequest, { report }: AdaptContext): ChatRequest {
  const { safetyIdentifier: identity, userId: user } = request.parameters
  if (identity === undefined) return request
  if (user !== undefined && user.value !== identity.value) {
    const message = 'the safety identifier stands in the place of the user'
    report({ code: 'param_unsupported', level: 'info', path: user.path, message })
  }
  return withParameter(withoutParameter(request, 'safetyIdentifier'), 'userId', identity)
}

function tierForChat(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { serviceTier: tier, fastMode } = request.parameters
  if (request.format !== 'anthropic-messages') return knownTier(request, context)
  const slow = withoutParameter(request, 'fastMode')
  if (fastMode?.value === true) {
    context.report(tierLoss(fastMode, context.options.fastTier))
    if (tier !== undefined) context.report(overruledTier(tier, context.options.fastTier))
    return withParameter(slow, 'serviceTier', { value: context.options.fastTier, path: fastMode.path })
  }
  if (tier === undefined || tier.value !== 'standard_only')
    return tier?.value === 'auto' ? withoutParameter(slow, 'serviceTier') : slow
  return withParameter(slow, 'serviceTier', { ...tier, value: 'default' })
}

function knownTier(request: ChatRequest, { report }: AdaptContext): ChatRequest {
  const { serviceTier: tier } = request.parameters
  if (tier === undefined || isOpenAiTier(tier.value)) return request
  report({ ...tierLoss(tier, ''), level: 'lossy', message: 'the target has no such service tier' })
  return withoutParameter(request, 'serviceTier')
}

function tierForMessages(request: ChatRequest, { profile, report }: AdaptContext): ChatRequest {
  const tier = request.parameters.serviceTier
  if (tier === undefined) return request
  if (tier.value === 'auto') return request
  if (tier.value === 'default') return withParameter(request, 'serviceTier', { ...tier, value: 'auto' })
  if (tier.value === 'priority' || tier.value === 'fast') {
    if (!profile.dialect.fastMode) {
      report({ ...tierLoss(tier, 'auto'), level: 'degraded' })
      return withParameter(request, 'serviceTier', { ...tier, value: 'auto' })
    }
    report(tierLoss(tier, 'fast'))
    return withParameter(withoutParameter(request, 'serviceTier'), 'fastMode', { value: true, path: tier.path })
  }
  report({ ...tierLoss(tier, ''), level: 'lossy', message: 'the target has no such service tier' })
  return withoutParameter(request, 'serviceTier')
}

/** The wish for speed takes the one place that OpenAI has for both. */
function overruledTier(tier: Parameter<string>, replacedBy: string): Parameters<AdaptContext['report']>[0] {
  const message = 'the wish for speed stands in the place of the service tier'
  return { ...tierLoss(tier, replacedBy), level: tier.value === 'auto' ? 'info' : 'degraded', message }
}

function tierLoss(parameter: Parameter<string | boolean>, replacedBy: string): Parameters<AdaptContext['report']>[0] {
  const detail = { value: String(parameter.value).slice(0, 40), replacedBy }
  return {
    code: 'service_tier_changed',
    level: 'info',
    path: parameter.path,
    message: 'the service tier goes by another name here',
    detail,
  }
}
