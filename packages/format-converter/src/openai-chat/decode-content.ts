import type { AudioPart, ContentPart, DocumentPart, ImagePart, MediaSource } from '../model/content-part.ts'
import type { JsonValue } from '../model/json.ts'
import { isBareResult, sourceOfFileData, sourceOfUrl, takeAudio, takeRefusal } from '../wire/openai-content.ts'
import { toJsonText } from '../wire/raw-json.ts'
import {
  openObject,
  pointer,
  required,
  requireObject,
  requireString,
  take,
  takeString,
  type WireObject,
  wrongType,
} from '../wire/read-object.ts'
import { contentTextOf } from './content.ts'
import { takeMembers } from './vendor-members.ts'

/** The `content` of a message: text, a list of parts, or nothing. */
export function decodeContent(content: JsonValue | undefined, path: string): readonly ContentPart[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return [{ type: 'text', text: content, path }]
  if (!Array.isArray(content)) throw wrongType(path, 'a string or an array of parts', content)
  return content.map((part: JsonValue, index) => decodePart(part, pointer(path, index)))
}

/** The `content` of a tool message; clients also send the value itself, which becomes its JSON text. */
export function decodeResultContent(content: JsonValue | undefined, path: string): readonly ContentPart[] {
  return isBareResult(content) ? [{ type: 'text', text: toJsonText(content), path }] : decodeContent(content, path)
}

function decodePart(value: JsonValue, path: string): ContentPart {
  if (typeof value === 'string') return { type: 'text', text: value, path }
  const part = openObject(value, path)
  switch (takeString(part, 'type')) {
    case 'text':
      return {
        type: 'text',
        text: requireString(part, 'text'),
        path,
        ...takeMembers(part),
      }
    case 'image_url':
      return decodeImage(part)
    case 'file':
      return decodeFile(part)
    case 'document_url':
      return decodeLink(part)
    case 'input_audio':
      return decodeAudio(part)
    case 'refusal':
      return { ...takeRefusal(part), ...takeMembers(part) }
    default:
      return decodeOther(part)
  }
}

function decodeImage(part: WireObject): ImagePart {
  const { path } = part
  if (typeof part.value['image_url'] === 'string') {
    const source = sourceOfUrl(requireString(part, 'image_url'), pointer(path, 'image_url'))
    return { type: 'image', source, path, ...takeMembers(part) }
  }
  const image = requireObject(part, 'image_url')
  const url = requireString(image, 'url')
  const detail = takeString(image, 'detail')
  const source = sourceOfUrl(url, pointer(image.path, 'url'))
  return { type: 'image', source, path, ...(detail !== undefined && { detail }), ...takeMembers(part, image) }
}

function decodeFile(part: WireObject): DocumentPart {
  const { path } = part
  const file = requireObject(part, 'file')
  const title = takeString(file, 'filename')
  const source = decodeFileSource(file)
  return { type: 'document', source, path, ...(title !== undefined && { title }), ...takeMembers(part, file) }
}

/** A document of Mistral, by URL or with its bytes in the URL. */
function decodeLink(part: WireObject): DocumentPart {
  const { path } = part
  const place = pointer(path, 'document_url')
  const source = sourceOfUrl(required(takeString(part, 'document_url'), place), place)
  const title = takeString(part, 'document_name')
  return { type: 'document', source, path, ...(title !== undefined && { title }), ...takeMembers(part) }
}

function decodeFileSource(file: WireObject): MediaSource {
  const fileId = takeString(file, 'file_id')
  if (fileId !== undefined) return { type: 'file', fileId, format: 'openai-chat' }
  const path = pointer(file.path, 'file_data')
  const data = required(takeString(file, 'file_data'), path)
  return /^https?:/i.test(data) ? { type: 'url', url: data } : sourceOfFileData(data, path)
}

function decodeAudio(part: WireObject): AudioPart {
  const { audio, holder } = takeAudio(part)
  return { ...audio, ...takeMembers(part, holder) }
}

/** Parts of compatible servers. Reasoning inside the content (Mistral) is understood, the rest stays as it is. */
function decodeOther(part: WireObject): ContentPart {
  const { value: raw, path } = part
  const content = contentTextOf(raw)
  take(part, 'text')
  take(part, 'thinking')
  if (content.kind === 'reasoning')
    return { type: 'reasoning', text: content.text, kind: 'full', path, ...takeMembers(part) }
  if (content.kind === 'other') return { type: 'opaque', format: 'openai-chat', kind: content.type, raw, path }
  return { type: 'text', text: content.text, path, ...takeMembers(part) }
}
