import type { ChatRequest } from '../model/chat-request.ts'
import type { ReasoningPart } from '../model/content-part.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { limitThinking } from './limit-thinking.ts'
import { mapParts } from './map-parts.ts'

/**
 * How much of the earlier reasoning is taken out: all that the target would verify, for the one retry after it refused a
 * proof (which one is not known); or only what another vendor proved, which it is bound to refuse.
 */
export type ReasoningRepair = 'strip-reasoning' | 'strip-foreign-reasoning'

/** Takes earlier reasoning out, and reports every piece of it. */
export function stripReasoning(request: ChatRequest, repair: ReasoningRepair, context: AdaptContext): ChatRequest {
  const message =
    repair === 'strip-reasoning'
      ? 'earlier reasoning was taken out because the upstream refused a proof'
      : 'earlier reasoning cannot be replayed to this upstream'
  const isTaken = repair === 'strip-reasoning' ? isVerified(context) : isForeign(request)
  const stripped = mapParts(request, (part) => {
    if (part.type !== 'reasoning' || !isTaken(part)) return [part]
    context.report({ code: 'reasoning_dropped', level: 'degraded', path: part.path, message })
    return []
  })
  if (stripped === request) return request
  const spoken = { ...stripped, turns: stripped.turns.filter(({ parts }) => parts.length > 0) }
  // A model with a thinking budget also refuses an open tool loop that does not begin with its thinking.
  return isMessagesTarget(context) ? limitThinking(spoken, context) : spoken
}

/** Chat servers read unproven reasoning as plain text. */
function isVerified({ profile }: AdaptContext): (part: ReasoningPart) => boolean {
  return ({ seal }) => profile.format !== 'openai-chat' || seal !== undefined
}

/** In a request of the target's own format: what came in an envelope. */
function isForeign({ format }: ChatRequest): (part: ReasoningPart) => boolean {
  return ({ seal }) => seal !== undefined && seal.format !== format
}
