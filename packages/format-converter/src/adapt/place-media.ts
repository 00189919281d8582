import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { ContentPart, DocumentPart, ImagePart, ToolResultPart } from '../model/content-part.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapTurns } from './map-parts.ts'

type Attachment = ImagePart | DocumentPart

/** Moves images and files out of what the assistant or the system says: no vendor reads them there. */
export function moveMediaToUser(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (!request.turns.some(isMisplaced)) return request
  const turns: Turn[] = []
  let waiting: Attachment[] = []
  for (const turn of request.turns) {
    if (isMisplaced(turn)) {
      const media = turn.parts.filter(isAttachment)
      for (const part of media) {
        reportMoved(part, context)
        waiting.push(part)
      }
      const parts = turn.parts.filter((part) => !isAttachment(part))
      if (parts.length > 0) turns.push({ ...turn, parts })
    } else if (turn.role === 'user' && waiting.length > 0) {
      turns.push({ ...turn, parts: afterResults(turn.parts, waiting) })
      waiting = []
    } else {
      turns.push(turn)
    }
  }
  const [first] = waiting
  if (first !== undefined) turns.push({ role: 'user', parts: waiting, path: first.path })
  return { ...request, turns }
}

/**
 * Brings images and files out of tool results, where Chat does not read them: they follow all results of the turn, each
 * after a line that names its tool.
 */
export function attachResultMedia(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (isMessagesTarget(context) || context.profile.dialect.toolResultImages) return request
  const names = toolNamesById(request)
  return mapTurns(request, (turn) => (turn.role === 'user' ? attachBelow(turn, names, context) : turn))
}

function isMisplaced(turn: Turn): boolean {
  return turn.role !== 'user' && turn.parts.some(isAttachment)
}

function afterResults(parts: readonly ContentPart[], media: readonly ContentPart[]): readonly ContentPart[] {
  const results = parts.filter((part) => part.type === 'tool-result')
  return [...results, ...media, ...parts.filter((part) => part.type !== 'tool-result')]
}

function attachBelow(turn: Turn, names: ReadonlyMap<string, string>, context: AdaptContext): Turn {
  const attached: ContentPart[] = []
  const counts = { image: 0, document: 0 }
  const parts = turn.parts.map((part): ContentPart => {
    if (part.type !== 'tool-result' || !part.parts.some(isAttachment)) return part
    return takeOut(part, (media) => {
      counts[media.type] += 1
      const label = `${media.type} ${counts[media.type]}`
      reportMoved(media, context)
      attached.push(
        { type: 'text', text: `[${label} from tool ${names.get(part.callId) ?? part.callId}]`, path: media.path },
        media,
      )
      return `[${label} attached below]`
    })
  })
  return attached.length === 0 ? turn : { ...turn, parts: afterResults(parts, attached) }
}

/** Leaves a line where each attachment stood. */
function takeOut(result: ToolResultPart, take: (media: Attachment) => string): ToolResultPart {
  const parts = result.parts.map((part): ContentPart =>
    isAttachment(part) ? { type: 'text', text: take(part), path: part.path } : part,
  )
  return { ...result, parts }
}

function toolNamesById(request: ChatRequest): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const turn of request.turns) {
    for (const part of turn.parts) if (part.type === 'tool-call') names.set(part.id, part.name)
  }
  return names
}

function isAttachment(part: ContentPart): part is Attachment {
  return part.type === 'image' || part.type === 'document'
}

function reportMoved(part: Attachment, { report }: AdaptContext): void {
  const message = 'the target reads media in user messages only; it was moved to the next one'
  report({ code: 'media_moved', level: 'degraded', path: part.path, message })
}
