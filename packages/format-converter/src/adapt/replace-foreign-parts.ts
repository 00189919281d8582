import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { Citation, ContentPart, OpaquePart, ServerToolPart, TextPart } from '../model/content-part.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { stringOf } from '../wire/loose.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapParts } from './map-parts.ts'

/** First line that Claude Code puts into its system prompt; metadata that spoils prefix caches elsewhere. */
const ATTRIBUTION = 'x-anthropic-billing-header:'

/**
 * Replaces parts that only their vendor can read: by text where there is some, by nothing (and a loss) where there is none.
 *
 * @throws ConversionError for `container_upload`, whose file only its vendor has
 */
export function replaceForeignParts(request: ChatRequest, context: AdaptContext): ChatRequest {
  return mapParts(request, (part, turn) => replacePart(part, turn, context))
}

function replacePart(part: ContentPart, turn: Turn, context: AdaptContext): readonly ContentPart[] {
  const target = context.profile.format
  switch (part.type) {
    case 'text':
      return replaceText(part, turn, context)
    case 'refusal':
      return isMessagesTarget(context) ? [{ type: 'text', text: part.text, path: part.path }] : [part]
    case 'server-tool':
      return part.format === target ? [part] : flattenServerTool(part, context)
    case 'opaque':
      return part.format === target ? [part] : replaceOpaque(part, context)
    case 'image':
    case 'document':
    case 'audio':
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
    case 'compaction':
      return [part]
  }
}

function replaceText(part: TextPart, turn: Turn, context: AdaptContext): readonly ContentPart[] {
  const { report, profile } = context
  if (turn.role === 'operator' && profile.format !== 'anthropic-messages' && part.text.startsWith(ATTRIBUTION)) {
    report({
      code: 'param_unsupported',
      level: 'info',
      path: part.path,
      message: 'the attribution line is meant for Anthropic only',
    })
    return []
  }
  return [part.citations === undefined ? part : withCitations(part, part.citations, context)]
}

/** Responses alone repeats the addresses that an earlier answer cited; whatever else was cited stays behind. */
function withCitations(part: TextPart, citations: readonly Citation[], { report, profile }: AdaptContext): TextPart {
  const takesAddresses = profile.format === 'openai-responses'
  const isOwn = (citation: Citation): boolean => citation.format === profile.format
  const kept = citations.filter((citation) => isOwn(citation) || (takesAddresses && citation.url !== undefined))
  const lost = citations.filter((citation) => !kept.includes(citation))
  const path = `${part.path}/${memberOf(citations)}`
  if (lost.length > 0) {
    const level = takesAddresses ? 'lossy' : 'info'
    const message = 'citations of earlier answers cannot be carried'
    report({ code: 'citation_dropped', level, path, message, detail: { count: lost.length } })
  }
  if (lost.length === 0 && !kept.every(isOwn)) {
    const message = 'of a citation in an earlier answer, address and title are told'
    report({ code: 'citation_dropped', level: 'info', path, message })
  }
  const { citations: _all, ...bare } = part
  return kept.length === 0 ? bare : { ...bare, citations: kept }
}

/** Where a text of this vendor has its citations. */
function memberOf([first]: readonly Citation[]): string {
  return first?.format === 'anthropic-messages' ? 'citations' : 'annotations'
}

function flattenServerTool(part: ServerToolPart, { options, report }: AdaptContext): readonly ContentPart[] {
  const picture = options.imageResultsToUser ? pictureOf(part) : undefined
  if (picture !== undefined) return [picture]
  if (part.text === '') return []
  if (part.text === undefined || part.text.trim() === '') {
    report({
      code: 'server_tool_dropped',
      level: part.lossLevel ?? 'lossy',
      path: part.path,
      message: 'a call of a server tool has no readable form and was left out',
    })
    return []
  }
  report({
    code: 'server_tool_flattened',
    level: 'degraded',
    path: part.path,
    message: 'a call of a server tool became text',
  })
  return [{ type: 'text', text: part.text, path: part.path }]
}

/** A picture that OpenAI's tool made, as an image where it stands; it moves to the next user message with all others. */
function pictureOf({ raw, path }: ServerToolPart): ContentPart | undefined {
  const data = stringOf(raw['result'])
  if (raw['type'] !== 'image_generation_call' || data === '') return undefined
  const extension = stringOf(raw['output_format']) || 'png'
  return { type: 'image', source: { type: 'base64', data, mediaType: `image/${extension}` }, path }
}

function replaceOpaque(part: OpaquePart, { report }: AdaptContext): readonly ContentPart[] {
  if (part.kind === 'container_upload') {
    throw ConversionError.at(
      part.path,
      'unsupported_feature',
      'the file is stored with another vendor; send its contents instead (file_not_portable)',
    )
  }
  const text = readableText(part)
  if (text === undefined) {
    const level = part.lossLevel ?? 'lossy'
    report({
      code: 'param_unsupported',
      level,
      path: part.path,
      message: `a block of the kind ${part.kind.slice(0, 40)} has no counterpart`,
    })
    return []
  }
  report({
    code: 'server_tool_flattened',
    level: 'degraded',
    path: part.path,
    message: `a block of the kind ${part.kind.slice(0, 40)} became text`,
  })
  return [{ type: 'text', text, path: part.path }]
}

function readableText(part: OpaquePart): string | undefined {
  if (!isJsonObject(part.raw)) return undefined
  if (part.kind === 'tool_reference') return `[tool available: ${stringOf(part.raw['tool_name'])}]`
  return part.kind === 'search_result' ? searchResultText(part.raw) : undefined
}

function searchResultText(raw: JsonObject): string {
  const content = raw['content']
  const texts = Array.isArray(content)
    ? content.map((block) => (isJsonObject(block) ? stringOf(block['text']) : ''))
    : []
  return [`[source] ${stringOf(raw['title'])} — ${stringOf(raw['source'])}`, ...texts].join('\n')
}
