import type { EncodeRequestContext } from '../codec.ts'
import type { ContentPart, DocumentPart, ImagePart } from '../model/content-part.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossCode } from '../model/loss.ts'
import { DEFAULT_FILE_NAME, finishPart, reportMark, toDataUrl } from '../wire/openai-content.ts'

/**
 * The `content` of a message: a string where all parts are text without cache marks, else a list of parts.
 *
 * @returns `undefined` when the parts hold nothing that `content` can say
 */
export function encodeContent(
  parts: readonly ContentPart[],
  separator: string,
  context: EncodeRequestContext,
): JsonValue | undefined {
  const { contentMustBeString } = context.profile.dialect
  if (contentMustBeString || parts.every(isPlainText)) return joinText(parts, separator, context)
  const encoded = parts.map((part) => encodePart(part, context)).filter((part) => part !== undefined)
  return encoded.length === 0 ? undefined : encoded
}

/** The text of all text parts; what is no text is reported. */
export function joinText(
  parts: readonly ContentPart[],
  separator: string,
  context: EncodeRequestContext,
): string | undefined {
  const texts: string[] = []
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'refusal') texts.push(part.text)
    else reportLeftOut(part, context)
    if (part.cacheMark !== undefined) reportMark(part.cacheMark, 'a plain text takes no cache marks', context.report)
  }
  return texts.length > 1 ? texts.join(separator) : texts[0]
}

/** One content part; `undefined`, and reported, for a part that Chat has no form for. */
function encodePart(part: ContentPart, context: EncodeRequestContext): JsonObject | undefined {
  const encoded = encodeBare(part, context)
  return encoded && finishPart(encoded, part, context)
}

function encodeBare(part: ContentPart, context: EncodeRequestContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'refusal':
      return { type: 'refusal', refusal: part.text }
    case 'image':
      return encodeImage(part, context)
    case 'document':
      return encodeDocument(part, context)
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.audioFormat } }
    case 'opaque':
      if (part.format === 'openai-chat') return isJsonObject(part.raw) ? part.raw : undefined
      return reportLeftOut(part, context)
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
    case 'server-tool':
    case 'compaction':
      return reportLeftOut(part, context)
  }
}

function encodeImage(part: ImagePart, context: EncodeRequestContext): JsonObject | undefined {
  const { source, detail } = part
  switch (source.type) {
    case 'base64':
      return { type: 'image_url', image_url: { url: toDataUrl(source.mediaType, source.data), detail } }
    case 'url':
      return { type: 'image_url', image_url: { url: source.url, detail } }
    case 'file':
      if (source.format === 'openai-chat') return { type: 'file', file: { file_id: source.fileId } }
      return reportLeftOut(part, context)
  }
}

/** Documents that are no files were made text before; what is left of them here is told in text too. */
function encodeDocument(part: DocumentPart, context: EncodeRequestContext): JsonObject | undefined {
  const { source, title } = part
  switch (source.type) {
    case 'base64':
      return encodeFile(toDataUrl(source.mediaType, source.data), title, context)
    case 'file':
      if (source.format !== 'openai-chat') return reportLeftOut(part, context)
      return { type: 'file', file: { file_id: source.fileId, filename: title } }
    case 'text':
      return { type: 'text', text: source.text }
    case 'url':
      if (context.profile.dialect.documentLinks === 'none') return { type: 'text', text: `[document: ${source.url}]` }
      return encodeFile(source.url, title, context)
    case 'parts':
      return { type: 'text', text: joinText(source.parts, '\n', context) ?? '' }
  }
}

/** @param url - of the web, or with the bytes in it */
function encodeFile(url: string, title: string | undefined, { profile }: EncodeRequestContext): JsonObject {
  if (profile.dialect.documentLinks === 'document_url')
    return { type: 'document_url', document_url: url, document_name: title }
  return { type: 'file', file: { file_data: url, filename: title ?? DEFAULT_FILE_NAME } }
}

function isPlainText(part: ContentPart): boolean {
  const isText = part.type === 'text' || part.type === 'refusal'
  return isText && part.cacheMark === undefined && part.vendorFields === undefined
}

const LEFT_OUT: { readonly [Type in ContentPart['type']]?: LossCode } = {
  image: 'media_type_unsupported',
  document: 'media_type_unsupported',
  audio: 'media_type_unsupported',
  reasoning: 'reasoning_dropped',
  'server-tool': 'server_tool_dropped',
  compaction: 'state_unsupported',
}

function reportLeftOut(part: ContentPart, { report }: EncodeRequestContext): undefined {
  const message = `a part of the type ${part.type} has no place in this Chat message`
  report({ code: LEFT_OUT[part.type] ?? 'param_unsupported', level: 'lossy', path: part.path, message })
}
