import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { ContentPart, DocumentPart, ToolResultPart } from '../model/content-part.ts'

/** Parts may hold parts (results, documents); real requests nest two deep. */
const MAX_DEPTH = 8

/** What one part becomes: nothing, itself, or others in its place. */
export type MapPart = (part: ContentPart, turn: Turn) => readonly ContentPart[]

/**
 * Rewrites every part of every turn, inner parts before the one that holds them. What does not change keeps its identity,
 * so that a long history costs little.
 */
export function mapParts(request: ChatRequest, map: MapPart): ChatRequest {
  return mapTurns(request, (turn) => {
    const parts = mapList(turn.parts, (part) => map(part, turn), MAX_DEPTH)
    return parts === turn.parts ? turn : { ...turn, parts }
  })
}

/** Rewrites turns one by one; the same request when none changed. */
export function mapTurns(request: ChatRequest, map: (turn: Turn, index: number) => Turn): ChatRequest {
  let hasChanged = false
  const turns = request.turns.map((turn, index) => {
    const mapped = map(turn, index)
    hasChanged ||= mapped !== turn
    return mapped
  })
  return hasChanged ? { ...request, turns } : request
}

function mapList(
  parts: readonly ContentPart[],
  map: (part: ContentPart) => readonly ContentPart[],
  depth: number,
): readonly ContentPart[] {
  let hasChanged = false
  const mapped: ContentPart[] = []
  for (const part of parts) {
    const results = map(depth > 0 ? mapInner(part, map, depth - 1) : part)
    hasChanged ||= results.length !== 1 || results[0] !== part
    for (const result of results) mapped.push(result)
  }
  return hasChanged ? mapped : parts
}

function mapInner(part: ContentPart, map: (part: ContentPart) => readonly ContentPart[], depth: number): ContentPart {
  if (part.type === 'tool-result') return withParts(part, mapList(part.parts, map, depth))
  if (part.type !== 'document' || part.source.type !== 'parts') return part
  const inner = mapList(part.source.parts, map, depth)
  const changed: DocumentPart = { ...part, source: { type: 'parts', parts: inner } }
  return inner === part.source.parts ? part : changed
}

function withParts(result: ToolResultPart, parts: readonly ContentPart[]): ToolResultPart {
  return parts === result.parts ? result : { ...result, parts }
}
