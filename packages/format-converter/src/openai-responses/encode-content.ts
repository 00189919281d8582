import type { EncodeRequestContext } from '../codec.ts'
import type { ContentPart, DocumentPart, ImagePart, TextPart } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossCode } from '../model/loss.ts'
import { codePointLength, DEFAULT_FILE_NAME, finishPart, toDataUrl } from '../wire/openai-content.ts'
import { withVendorFields } from '../wire/vendor-fields.ts'
import { annotationOf } from './content.ts'

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
  return encoded && finishPart(encoded, part, context)
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
      return { type: 'input_image', image_url: toDataUrl(source.mediaType, source.data), detail }
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
        file_data: toDataUrl(source.mediaType, source.data),
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
