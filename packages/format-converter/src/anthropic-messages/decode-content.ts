import { ConversionError } from '../conversion-error.ts'
import type {
  CompactionPart,
  ContentPart,
  DocumentPart,
  ImagePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../model/content-part.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { toJsonText } from '../wire/raw-json.ts'
import {
  openObject,
  pointer,
  required,
  requireObject,
  requireString,
  take,
  takeArray,
  takeBoolean,
  takeObject,
  takeString,
  type WireObject,
  wrongType,
} from '../wire/read-object.ts'
import { decodeCitation } from './citations.ts'
import { decodeMediaSource } from './media.ts'
import { decodeSeal } from './reasoning.ts'
import { describeServerTool, isServerToolBlock, joinServerTools } from './server-tools.ts'
import { takeMembers, type CommonMembers } from './vendor-members.ts'

/** Deepest nesting of content in content; real requests nest two deep. */
const MAX_DEPTH = 8

/** Content of a message, a system prompt or a tool result: text, or a list of blocks. */
export function decodeContent(content: JsonValue, path: string, depth = 0): readonly ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content, path }]
  if (!isJsonArray(content)) throw wrongType(path, 'a string or an array of blocks', content)
  if (depth > MAX_DEPTH)
    throw ConversionError.at(path, 'invalid_request', `content is nested deeper than ${MAX_DEPTH} levels`)
  return joinServerTools(content.map((block, index) => decodeBlock(block, pointer(path, index), depth)))
}

function decodeBlock(value: JsonValue, path: string, depth: number): ContentPart {
  if (typeof value === 'string') return { type: 'text', text: value, path }
  const block = openObject(value, path)
  const type = requireString(block, 'type')
  switch (type) {
    case 'text':
      return decodeText(block)
    case 'image':
      return decodeImage(block)
    case 'document':
      return decodeDocument(block, depth)
    case 'thinking':
      return decodeThinking(block)
    case 'redacted_thinking':
      return decodeRedacted(block)
    case 'tool_use':
      return decodeToolUse(block)
    case 'tool_result':
      return decodeToolResult(block, depth)
    case 'compaction':
      return decodeCompaction(block)
    default:
      return decodeVendorBlock(block, type)
  }
}

/** What every part has, taken last: whatever nobody has read by then is a vendor member. */
function closePart(
  block: WireObject,
  ...nested: readonly (WireObject | undefined)[]
): CommonMembers & { readonly path: string } {
  return { path: block.path, ...takeMembers(block, { known: PART_MEMBERS, nested }) }
}

/** Members of parts that only Anthropic knows. */
const PART_MEMBERS = {
  caller: 'info',
  toolset_name: 'info',
  transformations: 'info',
  signature: 'info',
  tool_changes: 'lossy',
} as const

function decodeText(block: WireObject): TextPart {
  const text = requireString(block, 'text')
  const citations = takeArray(block, 'citations')
    ?.map(decodeCitation)
    .filter((citation) => citation !== undefined)
  return {
    type: 'text',
    text,
    ...(citations !== undefined && citations.length > 0 && { citations }),
    ...closePart(block),
  }
}

function decodeImage(block: WireObject): ImagePart {
  const source = requireObject(block, 'source')
  return { type: 'image', source: decodeMediaSource(source), ...closePart(block, source) }
}

function decodeDocument(block: WireObject, depth: number): DocumentPart {
  const source = requireObject(block, 'source')
  const title = takeString(block, 'title')
  const context = takeString(block, 'context')
  const citations = takeObject(block, 'citations')
  const wantsCitations = citations === undefined ? undefined : takeBoolean(citations, 'enabled')
  return {
    type: 'document',
    source: decodeDocumentSource(source, depth),
    ...(title !== undefined && { title }),
    ...(context !== undefined && { context }),
    ...(wantsCitations !== undefined && { wantsCitations }),
    ...closePart(block, source, citations),
  }
}

function decodeDocumentSource(source: WireObject, depth: number): DocumentPart['source'] {
  switch (source.value['type']) {
    case 'text':
      takeConstants(source, { type: 'text', media_type: 'text/plain' })
      return { type: 'text', text: requireString(source, 'data') }
    case 'content': {
      takeConstants(source, { type: 'content' })
      const path = pointer(source.path, 'content')
      return { type: 'parts', parts: decodeContent(required(take(source, 'content'), path), path, depth + 1) }
    }
    default:
      return decodeMediaSource(source)
  }
}

/** Members that say nothing beyond what the kind of source says; another value stays to be reported. */
function takeConstants(source: WireObject, constants: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(constants)) {
    if (source.value[key] === value) take(source, key)
  }
}

function decodeThinking(block: WireObject): ReasoningPart {
  const text = takeString(block, 'thinking') ?? ''
  const seal = decodeSeal(takeString(block, 'signature'), 'anthropic-signature')
  return { type: 'reasoning', text, kind: 'summary', ...(seal !== undefined && { seal }), ...closePart(block) }
}

function decodeRedacted(block: WireObject): ReasoningPart {
  const seal = decodeSeal(takeString(block, 'data'), 'anthropic-redacted')
  return {
    type: 'reasoning',
    text: '',
    kind: 'summary',
    isRedacted: true,
    ...(seal !== undefined && { seal }),
    ...closePart(block),
  }
}

function decodeToolUse(block: WireObject): ToolCallPart {
  const id = requireString(block, 'id')
  const name = requireString(block, 'name')
  return {
    type: 'tool-call',
    id,
    name,
    arguments: toJsonText(take(block, 'input') ?? {}),
    form: 'json',
    ...closePart(block),
  }
}

function decodeToolResult(block: WireObject, depth: number): ToolResultPart {
  const callId = requireString(block, 'tool_use_id')
  const isError = takeBoolean(block, 'is_error')
  const parts = decodeResultContent(take(block, 'content'), pointer(block.path, 'content'), depth)
  return {
    type: 'tool-result',
    callId,
    parts,
    form: 'json',
    ...(isError !== undefined && { isError }),
    ...closePart(block),
  }
}

/** Some clients put a JSON value where text or blocks belong: it is passed on as its text. */
function decodeResultContent(content: JsonValue | undefined, path: string, depth: number): readonly ContentPart[] {
  if (content === undefined) return []
  const isContent =
    typeof content === 'string' ||
    (isJsonArray(content) && content.every((block) => isJsonObject(block) && typeof block['type'] === 'string'))
  return isContent ? decodeContent(content, path, depth + 1) : [{ type: 'text', text: toJsonText(content), path }]
}

function decodeCompaction(block: WireObject): CompactionPart {
  const text = takeString(block, 'content')
  const seal = decodeSeal(takeString(block, 'encrypted_content'), 'anthropic-compaction')
  return {
    type: 'compaction',
    ...(text !== undefined && { text }),
    ...(seal !== undefined && { seal }),
    ...closePart(block),
  }
}

/** A tool that a reference adds is declared in `tools`, which other formats get whole. */
function addsDeclaredTool({ type, tool }: JsonObject): boolean {
  return type === 'tool_addition' && isJsonObject(tool) && tool['type'] === 'tool_reference'
}

/** Server tools, references, files and kinds of later versions: kept as they are, with everything they hold. */
function decodeVendorBlock(block: WireObject, type: string): ContentPart {
  const { value: raw, path } = block
  const { cacheMark } = takeMembers(block, { known: {} })
  const base = { path, format: 'anthropic-messages', raw, ...(cacheMark !== undefined && { cacheMark }) } as const
  if (!isServerToolBlock(type)) {
    return { ...base, type: 'opaque', kind: type, ...(addsDeclaredTool(raw) && { lossLevel: 'info' }) }
  }
  const text = describeServerTool(raw)
  return { ...base, type: 'server-tool', ...(text !== undefined && { text }) }
}
