import type { Citation } from '../model/content-part.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { optionalIndex, optionalString, stringOf } from '../wire/loose.ts'
import { citedPage, type TextRange } from '../wire/openai-content.ts'

/** What a content part of an answer says. */
export type ContentText =
  | { readonly kind: 'text' | 'reasoning' | 'refusal'; readonly text: string }
  | { readonly kind: 'other'; readonly type: string }

/** Reads one part of a `content` list in an answer or in history. */
export function contentTextOf(part: JsonObject): ContentText {
  const type = part['type']
  if (type === 'refusal') return { kind: 'refusal', text: stringOf(part['refusal']) }
  if (type === 'thinking') return { kind: 'reasoning', text: nestedText(part['thinking']) }
  if (typeof part['text'] === 'string') return { kind: 'text', text: part['text'] }
  return { kind: 'other', type: typeof type === 'string' ? type.slice(0, 64) : 'unknown' }
}

/** A `url_citation`; `undefined` for annotations that Chat does not document. */
export function citationOf(annotation: JsonValue): Citation | undefined {
  if (!isJsonObject(annotation) || !isJsonObject(annotation['url_citation'])) return undefined
  const cited = annotation['url_citation']
  return {
    url: optionalString(cited['url']),
    title: optionalString(cited['title']),
    citedText: optionalString(cited['content']),
    startIndex: optionalIndex(cited['start_index']),
    endIndex: optionalIndex(cited['end_index']),
    format: 'openai-chat',
    raw: annotation,
  }
}

/** A citation as an annotation; `undefined` when it cites no page, as Chat has no other kind. */
export function annotationOf(citation: Citation, range: TextRange): JsonObject | undefined {
  const cited = citedPage(citation, range)
  return cited && { type: 'url_citation', url_citation: { ...cited } }
}

/** Mistral's `thinking` is a list of text parts. */
function nestedText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value
  if (!isJsonArray(value)) return ''
  let text = ''
  for (const part of value) text += isJsonObject(part) ? stringOf(part['text']) : stringOf(part)
  return text
}
