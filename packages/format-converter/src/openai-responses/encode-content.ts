import type { EncodeRequestContext } from '../codec.ts'
import type { CacheMark, ContentPart, DocumentPart, ImagePart, TextPart } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossCode } from '../model/loss.ts'
import { codePointLength } from '../wire/openai-content.ts'
import { annotationOf } from './content.ts'
import { withVendorFields } from './vendor-members.ts'

/** Name of a file whose own name is not known. */
const DEFAULT_FILE_NAME = 'document.pdf'

/** What a user, the system or a tool says; parts that have no place in it are reported. */
export function encodeInput(parts: readonly ContentPart[], context: EncodeRequestContext): readonly JsonObject[] {
  return parts.map((part) => encodeInputPart(part, context)).filter((part) => part !== undefined)
}

/** What the model said. */
export function encodeOutputPart(part: TextPart | (ContentPart & { type: 'refusal' })): JsonObject {
  if (part.type === 'refusal') return withVendorFields({ type: 'refusal', refusal: part.text }, part.vendorFields)
  const range = { start: 0, end: codePointLength(part.text) }
  const annotations = (part.citations ?? [])
    .map((citation) => annotationOf(citation, range))
    .filter((annotation) => annotation !== undefined)
  return withVendorFields({ type: 'output_text', text: part.text, annotations }, part.vendorFields)
}

/** The result of a call: text where all of it is text, else a list of parts. */
export function encodeResult(parts: readonly ContentPart[], context: EncodeRequestContext): JsonValue {
  const isText = parts.every((part) => part.type === 'text' && part.cacheMark === undefined)
  if (!isText) return encodeInput(parts, context)
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}

function encodeInputPart(part: ContentPart, context: EncodeRequestContext): JsonObject | undefined {
  const encoded = encodeBare(part, context)
  if (encoded === undefined) return undefined
  const mark = part.cacheMark === undefined ? undefined : encodeMark(part.cacheMark, context)
  return withVendorFields(
    mark === undefined ? encoded : { ...encoded, prompt_cache_breakpoint: mark },
    part.vendorFields,
  )
}

function encodeBare(part: ContentPart, context: EncodeRequestContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { type: 'input_text', text: part.text }
    case 'image':
      return encodeImage(part, context)
    case 'document':
      return encodeDocument(part, context)
    case 'opaque':
    case 'server-tool':
      return part.format === 'openai-responses' && isJsonObject(part.raw) ? part.raw : reportLeftOut(part, context)
    case 'audio':
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
    case 'compaction':
      return reportLeftOut(part, context)
  }
}

function encodeImage(part: ImagePart, context: EncodeRequestContext): JsonObject | undefined {
  const { source, detail = 'auto' } = part
  switch (source.type) {
    case 'base64':
      return { type: 'input_image', image_url: dataUrl(source.mediaType, source.data), detail }
    case 'url':
      return { type: 'input_image', image_url: source.url, detail }
    case 'file':
      return source.format === 'openai-responses'
        ? { type: 'input_image', file_id: source.fileId, detail }
        : reportLeftOut(part, context)
  }
}

/** Documents that are no files were made text before; what is left of them here is told in text too. */
function encodeDocument(part: DocumentPart, context: EncodeRequestContext): JsonObject | undefined {
  const { source, title } = part
  switch (source.type) {
    case 'base64':
      return {
        type: 'input_file',
        filename: title ?? DEFAULT_FILE_NAME,
        file_data: dataUrl(source.mediaType, source.data),
      }
    case 'url':
      return { type: 'input_file', file_url: source.url, ...(title !== undefined && { filename: title }) }
    case 'file':
      return source.format === 'openai-responses'
        ? { type: 'input_file', file_id: source.fileId }
        : reportLeftOut(part, context)
    case 'text':
      return { type: 'input_text', text: source.text }
    case 'parts':
      return {
        type: 'input_text',
        text: source.parts.map((inner) => (inner.type === 'text' ? inner.text : '')).join('\n'),
      }
  }
}

/** Lifetimes of other vendors were translated before; what is not OpenAI's own is not written. */
function encodeMark(mark: CacheMark, context: EncodeRequestContext): JsonObject | undefined {
  if (!context.profile.dialect.explicitCache) {
    context.report({
      code: 'cache_mark_dropped',
      level: 'info',
      path: mark.path,
      message: 'the upstream takes no cache marks here',
    })
    return undefined
  }
  return mark.ttl === '30m' || mark.ttl === '12h' ? { mode: 'explicit', ttl: mark.ttl } : { mode: 'explicit' }
}

function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`
}

const LEFT_OUT: { readonly [Type in ContentPart['type']]?: LossCode } = {
  image: 'file_not_portable',
  document: 'file_not_portable',
  audio: 'media_type_unsupported',
  reasoning: 'reasoning_dropped',
  'server-tool': 'server_tool_dropped',
  compaction: 'state_unsupported',
}

/** Says that a part has no place here. */
export function reportLeftOut(part: ContentPart, { report }: EncodeRequestContext): undefined {
  const message = `a part of the type ${part.type} has no place in this Responses item`
  report({ code: LEFT_OUT[part.type] ?? 'param_unsupported', level: 'lossy', path: part.path, message })
}
