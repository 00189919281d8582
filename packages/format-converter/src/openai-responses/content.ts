import type { Citation } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { optionalIndex, optionalString } from './wire.ts'

/** An annotation of generated text; `undefined` when it is no object. Only `url_citation` points to the web. */
export function citationOf(annotation: JsonValue | undefined): Citation | undefined {
  if (!isJsonObject(annotation)) return undefined
  return {
    url: annotation['type'] === 'url_citation' ? optionalString(annotation['url']) : undefined,
    title: optionalString(annotation['title']) ?? optionalString(annotation['filename']),
    startIndex: optionalIndex(annotation['start_index']),
    endIndex: optionalIndex(annotation['end_index']),
    format: 'openai-responses',
    raw: annotation,
  }
}

/** Where a cited text stands in its part, in code points, end exclusive. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/**
 * A citation as an annotation.
 *
 * @param range - the block that the citation belongs to, inside the text of its part
 * @returns `undefined` when it cites no URL: the other kinds point into files of its own vendor
 */
export function annotationOf(citation: Citation, range: TextRange): JsonObject | undefined {
  if (citation.format === 'openai-responses' && citation.url === undefined) return citation.raw
  if (citation.url === undefined) return undefined
  const { startIndex, endIndex } = citation
  return {
    type: 'url_citation',
    url: citation.url,
    title: citation.title ?? '',
    start_index: startIndex === undefined ? range.start : range.start + startIndex,
    end_index: endIndex === undefined ? range.end : range.start + endIndex,
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
