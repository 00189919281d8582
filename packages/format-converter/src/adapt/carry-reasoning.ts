import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { ContentPart, ReasoningPart } from '../model/content-part.ts'
import type { LossLevel } from '../model/loss.ts'
import type { Seal } from '../model/seal.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapParts } from './map-parts.ts'

/**
 * Keeps earlier reasoning that the target can verify or wants to read, and drops the rest: a proof of another vendor or
 * account would be refused, and one is never made up.
 */
export function carryReasoning(request: ChatRequest, context: AdaptContext): ChatRequest {
  return mapParts(request, (part, turn) =>
    part.type === 'reasoning' ? carryPart(part, { request, turn, context }) : part,
  )
}

interface Setting {
  readonly request: ChatRequest
  readonly turn: Turn
  readonly context: AdaptContext
}

function carryPart(part: ReasoningPart, setting: Setting): readonly ContentPart[] {
  const { context, request, turn } = setting
  if (turn.role === 'assistant' && isVerifiable(part.seal, context)) return [part]
  if (turn.role === 'assistant' && wantsText(context) && part.text !== '') return [asPlainText(part, setting)]
  const level = levelOf(part, request, context)
  if (context.options.foreignReasoning === 'text' && part.text.trim() !== '') {
    context.report({
      code: 'reasoning_flattened',
      level: 'degraded',
      path: part.path,
      message: 'earlier reasoning became visible text',
    })
    return [{ type: 'text', text: part.text, path: part.path }]
  }
  context.report({
    code: 'reasoning_dropped',
    level,
    path: part.path,
    message: 'earlier reasoning cannot be replayed to this upstream',
  })
  return []
}

/** The proof is of the target's own kind, and of the selected account as far as it says. */
function isVerifiable(seal: Seal | undefined, { profile, issuer }: AdaptContext): boolean {
  if (seal === undefined || seal.value === '' || seal.format !== profile.format) return false
  const isReplayed = seal.kind === 'gemini-signature' || profile.dialect.reasoningReplay === 'reasoning_details'
  if (profile.format === 'openai-chat' && !isReplayed) return false
  return seal.issuer === undefined || seal.issuer === issuer
}

/** DeepSeek, Moonshot and GLM want the text of earlier reasoning back, without any proof. */
function wantsText(context: AdaptContext): boolean {
  return !isMessagesTarget(context) && context.profile.dialect.reasoningReplay === 'reasoning_content'
}

function asPlainText(part: ReasoningPart, { context }: Setting): ReasoningPart {
  const { seal, ...bare } = part
  if (seal === undefined) return part
  context.report({
    code: 'reasoning_flattened',
    level: 'info',
    path: part.path,
    message: 'earlier reasoning is replayed as text, without its proof',
  })
  return bare
}

/** Our own unsealed reasoning coming back is no loss; a vendor's proof is. */
function levelOf(part: ReasoningPart, request: ChatRequest, { profile }: AdaptContext): LossLevel {
  const { seal } = part
  if (seal === undefined || seal.value === '') return 'info'
  const isEnvelope = seal.format !== request.format || seal.issuer !== undefined
  const hasReplay = profile.format !== 'openai-chat' || profile.dialect.reasoningReplay !== 'none'
  return isEnvelope && !hasReplay ? 'info' : 'degraded'
}
