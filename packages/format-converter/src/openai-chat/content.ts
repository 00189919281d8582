import type { Citation } from '../model/content-part.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

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

/**
 * A citation as an `url_citation`.
 *
 * @param range - where the cited text stands in the joined text of the answer, in code points, end exclusive
 * @returns `undefined` when it cites no URL: Chat has no other kind
 */
export function annotationOf(
  citation: Citation,
  range: { readonly start: number; readonly end: number },
): JsonObject | undefined {
  if (citation.url === undefined) return undefined
  const { startIndex, endIndex } = citation
  return {
    type: 'url_citation',
    url_citation: {
      url: citation.url,
      title: citation.title ?? '',
      start_index: startIndex === undefined ? range.start : range.start + startIndex,
      end_index: endIndex === undefined ? range.end : range.start + endIndex,
    },
  }
}

/** Length in code points, which is how annotations count; `String.length` counts UTF-16 units. */
export function codePointLength(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length - 1; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) length -= 1
  }
  return length
}

/** Mistral's `thinking` is a list of text parts. */
function nestedText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value
  if (!isJsonArray(value)) return ''
  let text = ''
  for (const part of value) text += isJsonObject(part) ? stringOf(part['text']) : stringOf(part)
  return text
}

function stringOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function optionalString(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function optionalIndex(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
