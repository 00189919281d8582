import type { ChatRequest } from '../model/chat-request.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { limitThinking } from './limit-thinking.ts'
import { mapParts } from './map-parts.ts'

/**
 * Takes every earlier reasoning out that the target would verify, for the one retry after an upstream refused a proof.
 * Which of them it refused is not known, so none stays.
 */
export function stripReasoning(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { profile, report } = context
  const stripped = mapParts(request, (part) => {
    // Chat servers read unproven reasoning as plain text.
    const isPlain = profile.format === 'openai-chat' && part.type === 'reasoning' && part.seal === undefined
    if (part.type !== 'reasoning' || isPlain) return part
    const message = 'earlier reasoning was taken out because the upstream refused a proof'
    report({ code: 'reasoning_dropped', level: 'degraded', path: part.path, message })
    return []
  })
  // A model with a thinking budget also refuses an open tool loop that does not begin with its thinking.
  return isMessagesTarget(context) ? limitThinking(stripped, context) : stripped
}
