import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { ContentPart, DocumentPart, ToolResultPart } from '../model/content-part.ts'

/** Parts may hold parts (results, documents); real requests nest two deep. */
const MAX_DEPTH = 8

/** What one part becomes: another, or itself; a list where it is nothing, or several in its place. */
export type MapPart = (part: ContentPart, turn: Turn) => ContentPart | readonly ContentPart[]

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
  let turns: Turn[] | undefined // made at the first that changes: most steps change nothing
  for (let index = 0; index < request.turns.length; index += 1) {
    const turn = request.turns[index] as Turn // there is one at each place
    const mapped = map(turn, index)
    if (mapped !== turn) turns ??= request.turns.slice(0, index)
    turns?.push(mapped)
  }
  return turns === undefined ? request : { ...request, turns }
}

type MapOne = (part: ContentPart) => ContentPart | readonly ContentPart[]

function mapList(parts: readonly ContentPart[], map: MapOne, depth: number): readonly ContentPart[] {
  let mapped: ContentPart[] | undefined
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] as ContentPart // there is one at each place
    const result = map(depth > 0 ? mapInner(part, map, depth - 1) : part)
    if (!isItself(result, part)) mapped ??= parts.slice(0, index)
    if (mapped === undefined) continue
    if (isList(result)) for (const other of result) mapped.push(other)
    else mapped.push(result)
  }
  return mapped ?? parts
}

function isItself(result: ReturnType<MapOne>, part: ContentPart): boolean {
  return result === part || (isList(result) && result.length === 1 && result[0] === part)
}

function isList(result: ReturnType<MapOne>): result is readonly ContentPart[] {
  return Array.isArray(result)
}

function mapInner(part: ContentPart, map: MapOne, depth: number): ContentPart {
  if (part.type === 'tool-result') return withParts(part, mapList(part.parts, map, depth))
  if (part.type !== 'document' || part.source.type !== 'parts') return part
  const inner = mapList(part.source.parts, map, depth)
  const changed: DocumentPart = { ...part, source: { type: 'parts', parts: inner } }
  return inner === part.source.parts ? part : changed
}

function withParts(result: ToolResultPart, parts: readonly ContentPart[]): ToolResultPart {
  return parts === result.parts ? result : { ...result, parts }
}
