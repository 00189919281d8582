import { ConversionError } from '../conversion-error.ts'
import { conversationPath, type ChatRequest, type Turn } from '../model/chat-request.ts'
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
  if (spoken.length === 0) throw nothingSaid(conversationPath(request))
  const turns = joinNeighbours(spoken, context)
  return turns.length === request.turns.length && stripped === request ? request : { ...stripped, turns }
}

function nothingSaid(path: string): ConversionError {
  return ConversionError.at(path, 'invalid_request', 'no message with content is left (empty_input)')
}

function removeEmptyTexts(request: ChatRequest, context: AdaptContext): ChatRequest {
  const level = isMessagesTarget(context) ? 'repaired' : 'info'
  return mapParts(request, (part) => {
    if (part.type !== 'text' || part.text.trim() !== '') return part
    context.report({ code: 'empty_removed', level, path: part.path, message: 'a text without content was removed' })
    return []
  })
}

/** Operator turns stay apart: each is a message of its own in Chat, and a block of the system prompt in Messages. */
function joinNeighbours(turns: readonly Turn[], context: AdaptContext): readonly Turn[] {
  if (!turns.some((turn, index) => index > 0 && joins(turns[index - 1], turn))) return turns
  const groups: Turn[][] = []
  for (const turn of turns) {
    const group = groups.at(-1)
    const previous = group?.at(-1)
    if (group === undefined || previous === undefined || !joins(previous, turn)) {
      groups.push([turn])
      continue
    }
    reportJoin(previous, turn, context)
    group.push(turn)
  }
  return groups.flatMap(joinTurns)
}

function joins(previous: Turn | undefined, turn: Turn): boolean {
  return previous?.role === turn.role && turn.role !== 'operator'
}

/** Results of one round come as messages of their own in OpenAI formats: joining those changes nothing. */
function reportJoin(previous: Turn, turn: Turn, { report }: AdaptContext): void {
  if (isOnlyTools(turn.parts) || isOnlyTools(previous.parts)) return
  const message = 'two messages of one role in a row became one'
  report({ code: 'turns_merged', level: 'info', path: turn.path, message })
}

/** Several turns become one, with the role and the path of the first. */
export function joinTurns(group: readonly Turn[]): readonly Turn[] {
  const [first] = group
  if (first === undefined || group.length === 1) return group
  const vendorFields = group.flatMap((turn) => turn.vendorFields ?? [])
  const parts = group.flatMap((turn) => turn.parts)
  return [{ ...first, parts, ...(vendorFields.length > 0 && { vendorFields }) }]
}

function isOnlyTools(parts: readonly ContentPart[]): boolean {
  return parts.every((part) => part.type === 'tool-result' || part.type === 'tool-call')
}
