import { conversationPath, type ChatRequest, type Turn } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'

/** What a user who says nothing says. */
const CONTINUE = 'Continue.'

/** Makes the first and the last turn such as the target takes them. */
export function closeConversation(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (!isMessagesTarget(context)) {
    reportPrefill(request.turns.at(-1), context)
    return request
  }
  const opened = openWithUser(request, context)
  return endWithUser(opened, context)
}

function openWithUser(request: ChatRequest, { report }: AdaptContext): ChatRequest {
  const start = request.turns.findIndex((turn) => turn.role !== 'operator')
  if (start === -1) {
    report({
      code: 'system_only',
      level: 'repaired',
      path: conversationPath(request),
      message: 'there were only system messages; their text became a user message',
    })
    const parts = request.turns.flatMap((turn) => turn.parts)
    return { ...request, turns: [{ role: 'user', parts, path: request.turns[0]?.path ?? conversationPath(request) }] }
  }
  const first = request.turns[start]
  if (first === undefined || first.role === 'user') return request
  report({
    code: 'turn_inserted',
    level: 'repaired',
    path: first.path,
    message: 'the conversation began with the assistant; a user turn was put before it',
  })
  return { ...request, turns: request.turns.toSpliced(start, 0, userTurn(first.path)) }
}

function endWithUser(request: ChatRequest, context: AdaptContext): ChatRequest {
  const last = request.turns.at(-1)
  if (last?.role !== 'assistant') return request
  if (!context.profile.model.prefill) {
    reportPrefill(last, context)
    return { ...request, turns: [...request.turns, userTurn(last.path)] }
  }
  const trimmed = trimEnd(last.parts)
  if (trimmed === last.parts) return request
  context.report({
    code: 'empty_removed',
    level: 'repaired',
    path: last.path,
    message: 'space at the end of the unfinished answer was removed',
  })
  return { ...request, turns: [...request.turns.slice(0, -1), { ...last, parts: trimmed }] }
}

function trimEnd(parts: readonly ContentPart[]): readonly ContentPart[] {
  const last = parts.at(-1)
  if (last?.type !== 'text') return parts
  const text = last.text.trimEnd()
  return text === last.text ? parts : [...parts.slice(0, -1), { ...last, text }]
}

function reportPrefill(last: Turn | undefined, { profile, report }: AdaptContext): void {
  if (last?.role !== 'assistant' || profile.model.prefill) return
  const message = 'the model does not continue an answer that was begun for it'
  report({ code: 'prefill_unsupported', level: 'degraded', path: last.path, message })
}

function userTurn(path: string): Turn {
  return { role: 'user', path, parts: [{ type: 'text', text: CONTINUE, path }] }
}
