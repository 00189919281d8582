import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapParts } from './map-parts.ts'

/**
 * Removes texts without content and turns without parts, then joins neighbours of one role.
 *
 * @throws ConversionError `invalid_request` when nothing is left
 */
export function mergeTurns(request: ChatRequest, context: AdaptContext): ChatRequest {
  const stripped = removeEmptyTexts(request, context)
  const spoken = stripped.turns.filter((turn) => turn.parts.length > 0)
  if (spoken.length === 0)
    throw new ConversionError('invalid_request', '/messages: no message with content is left', { param: '/messages' })
  const turns = joinNeighbours(spoken, context)
  return turns.length === request.turns.length && stripped === request ? request : { ...stripped, turns }
}

function removeEmptyTexts(request: ChatRequest, context: AdaptContext): ChatRequest {
  const level = isMessagesTarget(context) ? 'repaired' : 'info'
  return mapParts(request, (part) => {
    if (part.type !== 'text' || part.text.trim() !== '') return [part]
    context.report({ code: 'empty_removed', level, path: part.path, message: 'a text without content was removed' })
    return []
  })
}

/** Operator turns stay apart: each is a message of its own in Chat, and a block of the system prompt in Messages. */
function joinNeighbours(turns: readonly Turn[], { report }: AdaptContext): readonly Turn[] {
  const joined: Turn[] = []
  for (const turn of turns) {
    const previous = joined.at(-1)
    if (previous?.role !== turn.role || turn.role === 'operator') {
      joined.push(turn)
      continue
    }
    // Results of one round come as messages of their own in OpenAI formats: joining those changes nothing.
    if (!isOnlyTools(turn.parts) && !isOnlyTools(previous.parts)) {
      report({
        code: 'turns_merged',
        level: 'info',
        path: turn.path,
        message: 'two messages of one role in a row became one',
      })
    }
    joined[joined.length - 1] = join(previous, turn)
  }
  return joined
}

function join(first: Turn, second: Turn): Turn {
  const vendorFields = [...(first.vendorFields ?? []), ...(second.vendorFields ?? [])]
  const parts = [...first.parts, ...second.parts]
  return { ...first, parts, ...(vendorFields.length > 0 && { vendorFields }) }
}

function isOnlyTools(parts: readonly ContentPart[]): boolean {
  return parts.every((part) => part.type === 'tool-result' || part.type === 'tool-call')
}
