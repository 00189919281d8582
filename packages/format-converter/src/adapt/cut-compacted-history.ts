import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { CompactionPart } from '../model/content-part.ts'
import type { AdaptContext } from './adapt-context.ts'

interface Place {
  readonly turn: number
  readonly part: number
  readonly compaction: CompactionPart
}

/**
 * A vendor's summary stands for everything before it: for other targets the earlier turns go, and its text opens the
 * conversation. The system prompt stays. A summary that the target itself made, and that came back through a client of
 * another format, goes to it as it is.
 *
 * @throws ConversionError when only its vendor can read the summary
 */
export function cutCompactedHistory(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (request.format === context.profile.format) return request
  const place = findLast(request.turns)
  if (place === undefined) return request
  const { compaction } = place
  if (belongsToTarget(compaction, context)) return request
  if (compaction.text === undefined || compaction.text.trim() === '') {
    throw ConversionError.at(
      compaction.path,
      'unsupported_feature',
      'this summary of the conversation can only be read by the vendor that made it (state_not_portable)',
    )
  }
  reportRest(compaction, context)
  const summary: Turn = {
    role: 'user',
    path: compaction.path,
    parts: [{ type: 'text', text: `Summary of the conversation so far: ${compaction.text}`, path: compaction.path }],
  }
  const firstSpoken = request.turns.findIndex((turn) => turn.role !== 'operator')
  const system = request.turns.slice(0, Math.max(0, firstSpoken))
  return { ...request, turns: [...system, summary, ...turnsAfter(request.turns, place)] }
}

/** The target made the summary, for the selected account as far as the proof says. */
function belongsToTarget({ seal }: CompactionPart, { profile, issuer }: AdaptContext): boolean {
  if (seal === undefined || seal.format !== profile.format) return false
  return seal.issuer === undefined || seal.issuer === issuer
}

/** What belongs to the summary beside its text. */
function reportRest({ path, seal, vendorFields = [] }: CompactionPart, { report }: AdaptContext): void {
  const message = 'the summary was carried as its text only'
  if (seal !== undefined)
    report({ code: 'param_unsupported', level: 'info', path: `${path}/encrypted_content`, message })
  for (const field of vendorFields) report({ code: 'param_unsupported', level: field.level, path: field.path, message })
}

function findLast(turns: readonly Turn[]): Place | undefined {
  for (let turn = turns.length - 1; turn >= 0; turn -= 1) {
    const parts = turns[turn]?.parts ?? []
    for (let part = parts.length - 1; part >= 0; part -= 1) {
      const compaction = parts[part]
      if (compaction?.type === 'compaction') return { turn, part, compaction }
    }
  }
  return undefined
}

function turnsAfter(turns: readonly Turn[], place: Place): readonly Turn[] {
  const rest = turns.slice(place.turn)
  const [first, ...later] = rest
  if (first === undefined) return later
  const parts = first.parts.slice(place.part + 1)
  return parts.length === 0 ? later : [{ ...first, parts }, ...later]
}
