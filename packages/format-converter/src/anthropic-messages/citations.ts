import type { Citation } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossReport, ReportLoss } from '../model/loss.ts'
import { optionalString } from '../wire/loose.ts'

/** Kinds of citation that point to a place on the web; the others point into documents of the request. */
const WEB_KINDS: ReadonlySet<unknown> = new Set(['web_search_result_location', 'search_result_location'])

/** A citation of this format; `undefined` when it is none. */
export function decodeCitation(raw: JsonValue | undefined): Citation | undefined {
  if (!isJsonObject(raw)) return undefined
  const address = raw['url'] ?? raw['source']
  const isWeb = WEB_KINDS.has(raw['type']) && typeof address === 'string' && /^https?:/i.test(address)
  return {
    url: isWeb ? address : undefined,
    title: optionalString(raw['title'] ?? raw['document_title']),
    citedText: optionalString(raw['cited_text']),
    format: 'anthropic-messages',
    raw,
  }
}

/** A place in the answer becomes an address alone. */
const REBUILT: LossReport = {
  code: 'citation_dropped',
  level: 'degraded',
  path: '#citation/place',
  message: 'a citation keeps its address and title; the place in the answer, and what it quotes, are not told',
}

/** The citation in this format's words; `undefined`, and reported, when it has no address. */
export function encodeCitation(citation: Citation, report: ReportLoss): JsonObject | undefined {
  if (citation.format === 'anthropic-messages') return citation.raw
  const { url, title, citedText } = citation
  if (url !== undefined) {
    report(REBUILT)
    return {
      type: 'web_search_result_location',
      url,
      title: title ?? null,
      cited_text: citedText ?? '',
      encrypted_index: '',
    }
  }
  report({
    code: 'citation_dropped',
    level: 'lossy',
    path: '#citation',
    message: `a citation of ${citation.format} without an address was left out`,
  })
  return undefined
}
