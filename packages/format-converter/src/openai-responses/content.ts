import type { Citation } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { optionalIndex, optionalString } from '../wire/loose.ts'
import { citedPage, type TextRange } from '../wire/openai-content.ts'

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

/** A citation as an annotation; `undefined` for those that point into files of another vendor. */
export function annotationOf(citation: Citation, range: TextRange): JsonObject | undefined {
  const cited = citedPage(citation, range)
  if (cited !== undefined) return { type: 'url_citation', ...cited }
  return citation.format === 'openai-responses' ? citation.raw : undefined
}
