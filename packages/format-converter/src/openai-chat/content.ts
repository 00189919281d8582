import type { Citation } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { optionalIndex, optionalString } from '../wire/loose.ts'
import { citedPage, type TextRange } from '../wire/openai-content.ts'
import { isReasoning, memberText } from './reasoning.ts'

/** What a content part of an answer says. */
export type ContentText =
  | { readonly kind: 'text' | 'reasoning' | 'refusal'; readonly text: string }
  | { readonly kind: 'other'; readonly type: string }

/** Reads one part of a `content` list in an answer or in history. */
export function contentTextOf(part: JsonObject): ContentText {
  const type = part['type']
  const { refusal, thinking, text } = part
  if (type === 'refusal' && typeof refusal === 'string') return { kind: 'refusal', text: refusal }
  if (type === 'thinking' && isReasoning(thinking)) return { kind: 'reasoning', text: memberText(thinking) }
  if (typeof text === 'string') return { kind: 'text', text }
  return { kind: 'other', type: typeof type === 'string' ? type.slice(0, 64) : 'unknown' }
}

/** What one entry of a `content` list says: with some servers it is the text itself. */
export function contentOf(entry: JsonValue): ContentText {
  if (isJsonObject(entry)) return contentTextOf(entry)
  const isText = typeof entry === 'string' || entry === null
  return isText ? { kind: 'text', text: entry ?? '' } : { kind: 'other', type: 'unknown' }
}

/** An annotation; `undefined` when it is no object. Some servers write Responses' flat form of a `url_citation`. */
export function citationOf(annotation: JsonValue): Citation | undefined {
  if (!isJsonObject(annotation)) return undefined
  const { type, url_citation: nested } = annotation
  const cited = isJsonObject(nested) ? nested : annotation
  return {
    url: type === 'url_citation' || cited === nested ? optionalString(cited['url']) : undefined,
    title: optionalString(cited['title']),
    citedText: optionalString(cited['content']),
    startIndex: optionalIndex(cited['start_index']),
    endIndex: optionalIndex(cited['end_index']),
    format: 'openai-chat',
    raw: annotation,
  }
}

/** A citation as an annotation; `undefined` when it cites no page: other kinds belong to the server that made them. */
export function annotationOf(citation: Citation, range: TextRange): JsonObject | undefined {
  const cited = citedPage(citation, range)
  if (cited !== undefined) return { type: 'url_citation', url_citation: { ...cited } }
  return citation.format === 'openai-chat' ? citation.raw : undefined
}
