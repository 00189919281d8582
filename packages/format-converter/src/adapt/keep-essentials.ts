import type { ChatRequest, Parameters, RequestParameters } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import type { AdaptContext } from './adapt-context.ts'
import { mapParts } from './map-parts.ts'

/** What an answer would not be the one that was asked for without. */
const ESSENTIAL: ReadonlySet<keyof RequestParameters> = new Set([
  'maxOutputTokens',
  'stop',
  'toolChoice',
  'outputFormat',
  'streamUsage',
  'include',
  // Refused where they cannot be had: they change the shape of the answer.
  'choices',
  'modalities',
  'audioOutput',
  'previousResponseId',
  'conversation',
  'background',
])

/**
 * Leaves the conversation, the tools and the shape of the answer, for the one retry after an upstream refused something of
 * which nobody knows what it was. Each wish that goes is reported.
 */
export function keepEssentials(request: ChatRequest, context: AdaptContext): ChatRequest {
  const names = Object.keys(request.parameters) as (keyof RequestParameters)[] // the members of `Parameters` have no other names
  for (const name of names) {
    const path = request.parameters[name]?.path
    if (!ESSENTIAL.has(name) && path !== undefined) reportLeftOut(path, context)
  }
  for (const { name, path } of request.vendorFields) if (name !== 'thread') reportLeftOut(path, context)
  const parameters: Parameters = Object.fromEntries(
    Object.entries(request.parameters).filter(([name]) => ESSENTIAL.has(name as keyof RequestParameters)),
  )
  const kept = mapParts(request, (part) => withoutMark(part, context))
  return {
    ...kept,
    tools: kept.tools.map((tool) => (tool.type === 'function' ? { ...tool, cacheMark: undefined } : tool)),
    parameters,
    vendorFields: request.vendorFields.filter(({ name }) => name === 'thread'),
  }
}

function withoutMark(part: ContentPart, { report }: AdaptContext): ContentPart {
  if (part.cacheMark === undefined) return part
  const { cacheMark, ...bare } = part
  const message = 'left out of a retry with the essentials only'
  report({ code: 'cache_mark_dropped', level: 'info', path: cacheMark.path, message })
  return bare
}

function reportLeftOut(path: string, { report }: AdaptContext): void {
  const message = 'left out of a retry with the essentials only'
  report({ code: 'param_unsupported', level: 'degraded', path, message })
}
