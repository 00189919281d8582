import type { ChatRequest } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapTurns } from './map-parts.ts'

/**
 * A Messages target wants reasoning first and calls last; the order inside each group stays. What came from a Messages
 * upstream keeps its exact order: its proofs cover it.
 */
export function orderAssistantParts(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (!isMessagesTarget(context) || request.format === 'anthropic-messages') return request
  return mapTurns(request, (turn) => {
    if (turn.role !== 'assistant' || turn.parts.some(isSealedHere)) return turn
    const parts = turn.parts.toSorted((first, second) => rank(first) - rank(second)) // stable by definition
    return parts.every((part, index) => part === turn.parts[index]) ? turn : { ...turn, parts }
  })
}

function isSealedHere(part: ContentPart): boolean {
  return part.type === 'reasoning' && part.seal?.format === 'anthropic-messages'
}

function rank(part: ContentPart): number {
  if (part.type === 'reasoning') return 0
  return part.type === 'tool-call' ? 2 : 1
}
