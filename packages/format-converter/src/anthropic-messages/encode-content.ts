import type {
  CompactionPart,
  ContentPart,
  DocumentPart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../model/content-part.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { LossCode, ReportLoss } from '../model/loss.ts'
import { normalizeToolArguments } from '../wire/tool-arguments.ts'
import { withVendorFields } from '../wire/vendor-fields.ts'
import { encodeMediaSource } from './media.ts'
import { withCacheMark } from './vendor-members.ts'

/** Parts as content blocks, in order; what this format cannot say is left out and reported. */
export function encodeContent(parts: readonly ContentPart[], report: ReportLoss): readonly JsonObject[] {
  const blocks: JsonObject[] = []
  for (const part of parts) {
    const block = encodePart(part, report)
    if (block !== undefined) blocks.push(withVendorFields(withMark(block, part), part.vendorFields))
  }
  return blocks
}

/** Proofs of reasoning may not be marked: the vendor refuses a mark there. */
function withMark(block: JsonObject, part: ContentPart): JsonObject {
  return part.type === 'reasoning' ? block : withCacheMark(block, part.cacheMark)
}

function encodePart(part: ContentPart, report: ReportLoss): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, report)
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'image': {
      const source = encodeMediaSource(part, part.source, report)
      return source && { type: 'image', source }
    }
    case 'document':
      return encodeDocument(part, report)
    case 'audio':
      return leaveOut(part, 'media_type_unsupported', report)
    case 'reasoning':
      return encodeReasoning(part, report)
    case 'tool-call':
      return encodeToolCall(part, report)
    case 'tool-result':
      return encodeToolResult(part, report)
    case 'compaction':
      return encodeCompaction(part)
    case 'server-tool':
      return part.format === 'anthropic-messages' ? part.raw : leaveOut(part, 'server_tool_dropped', report)
    case 'opaque':
      return part.format === 'anthropic-messages' && isJsonObject(part.raw)
        ? part.raw
        : leaveOut(part, 'param_unsupported', report)
  }
}

/** What stood beside the proof comes back with it: this vendor signs its summaries. */
function encodeCompaction({ text, seal }: CompactionPart): JsonObject {
  return { ...seal?.members, type: 'compaction', content: text ?? null, encrypted_content: seal?.value || null }
}

function leaveOut(part: ContentPart, code: LossCode, report: ReportLoss): undefined {
  report({
    code,
    level: 'lossy',
    path: part.path,
    message: `a part of the kind ${part.type} has no place in this format and was left out`,
  })
}

/** Only citations of this format may be replayed: the vendor checks what it wrote. */
function encodeText(part: TextPart, report: ReportLoss): JsonObject {
  const citations = part.citations ?? []
  const own = citations.filter((citation) => citation.format === 'anthropic-messages')
  if (own.length < citations.length) {
    report({
      code: 'citation_dropped',
      level: 'info',
      path: part.path,
      message: 'citations of earlier answers cannot be carried',
    })
  }
  return own.length === 0
    ? { type: 'text', text: part.text }
    : { type: 'text', text: part.text, citations: own.map((citation) => citation.raw) }
}

function encodeDocument(part: DocumentPart, report: ReportLoss): JsonObject | undefined {
  const source = encodeDocumentSource(part, report)
  if (source === undefined) return undefined
  const citations = part.wantsCitations === undefined ? undefined : { enabled: part.wantsCitations }
  return { type: 'document', source, title: part.title, context: part.context, citations }
}

function encodeDocumentSource(part: DocumentPart, report: ReportLoss): JsonObject | undefined {
  const { source } = part
  if (source.type === 'text') return { type: 'text', media_type: 'text/plain', data: source.text }
  if (source.type === 'parts') return { type: 'content', content: encodeContent(source.parts, report) }
  return encodeMediaSource(part, source, report)
}

/** A block without the vendor's own proof is refused upstream, so it is never sent: no proof is ever made up. */
function encodeReasoning(part: ReasoningPart, report: ReportLoss): JsonObject | undefined {
  const { seal } = part
  if (seal?.format === 'anthropic-messages' && seal.kind === 'anthropic-signature') {
    return { type: 'thinking', thinking: part.text, signature: seal.value }
  }
  if (seal?.format === 'anthropic-messages' && seal.kind === 'anthropic-redacted')
    return { type: 'redacted_thinking', data: seal.value }
  const level = seal === undefined ? 'info' : 'degraded'
  report({
    code: 'reasoning_dropped',
    level,
    path: part.path,
    message: 'reasoning without a proof of this vendor cannot be replayed and was left out',
  })
  return undefined
}

function encodeToolCall(part: ToolCallPart, report: ReportLoss): JsonObject {
  const { input, repair } =
    part.form === 'free' ? { input: { input: part.arguments } } : normalizeToolArguments(part.arguments)
  if (repair !== undefined) {
    report({
      code: 'invalid_tool_arguments',
      level: 'repaired',
      path: part.path,
      message: `arguments that are no JSON object were ${REPAIRS[repair]}`,
    })
  }
  return { type: 'tool_use', id: part.id, name: part.name, input }
}

const REPAIRS = {
  'wrapped-value': 'put under "value"',
  'decoded-twice': 'decoded a second time',
  'kept-as-text': 'kept as text under "raw_arguments"',
} as const

function encodeToolResult(part: ToolResultPart, report: ReportLoss): JsonObject {
  return {
    type: 'tool_result',
    tool_use_id: part.callId,
    content: encodeResultContent(part, report),
    is_error: part.isError,
  }
}

/** One plain text is written as a string, which every server of this format takes. */
function encodeResultContent(part: ToolResultPart, report: ReportLoss): string | readonly JsonObject[] | undefined {
  const [first] = part.parts
  if (first === undefined) return undefined
  const blocks = encodeContent(part.parts, report)
  const [block] = blocks
  const isPlain = blocks.length === 1 && block?.['type'] === 'text' && Object.keys(block).length === 2
  return isPlain && typeof block['text'] === 'string' ? block['text'] : blocks
}
