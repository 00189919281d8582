import type { ChatRequest, Turn } from '../model/chat-request.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapTurns } from './map-parts.ts'

/**
 * Takes reasoning from the end of an assistant's turn, where nothing came of it: "The final block in an assistant message
 * cannot be `thinking`", says a Messages upstream, and would say it of every later request of the conversation. A turn of
 * which nothing is left goes at once: no other turn is to find its place by it.
 */
export function dropTrailingReasoning(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (!isMessagesTarget(context)) return request
  const ended = mapTurns(request, (turn) => (turn.role === 'assistant' ? endInWords(turn, context) : turn))
  return ended === request ? request : { ...ended, turns: ended.turns.filter(({ parts }) => parts.length > 0) }
}

function endInWords(turn: Turn, { report }: AdaptContext): Turn {
  const end = turn.parts.findLastIndex((part) => part.type !== 'reasoning') + 1
  if (end === turn.parts.length) return turn
  for (const part of turn.parts.slice(end)) {
    report({
      code: 'reasoning_dropped',
      level: 'degraded',
      path: part.path,
      message: 'nothing follows this reasoning, so the upstream would refuse it',
    })
  }
  return { ...turn, parts: turn.parts.slice(0, end) }
}
