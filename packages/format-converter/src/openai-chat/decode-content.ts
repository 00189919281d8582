import { ConversionError } from '../conversion-error.ts'
import type { AudioPart, ContentPart, DocumentPart, ImagePart, MediaSource } from '../model/content-part.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import { isDataUrl, parseDataUrl, withoutSpace } from '../wire/data-url.ts'
import {
  openObject,
  pointer,
  required,
  take,
  takeObject,
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

/** The `content` of a tool message; clients also send the object itself, which becomes its JSON text. */
export function decodeResultContent(content: JsonValue | undefined, path: string): readonly ContentPart[] {
  const isText = isJsonObject(content) || typeof content === 'number' || typeof content === 'boolean'
  return isText ? [{ type: 'text', text: JSON.stringify(content), path }] : decodeContent(content, path)
}

function decodePart(value: JsonValue, path: string): ContentPart {
  if (typeof value === 'string') return { type: 'text', text: value, path }
  const part = openObject(value, path)
  switch (takeString(part, 'type')) {
    case 'text':
      return {
        type: 'text',
        text: required(takeString(part, 'text'), pointer(path, 'text')),
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
      return {
        type: 'refusal',
        text: required(takeString(part, 'refusal'), pointer(path, 'refusal')),
        path,
        ...takeMembers(part),
      }
    default:
      return decodeOther(part)
  }
}

function decodeImage(part: WireObject): ImagePart {
  const { path } = part
  if (typeof part.value['image_url'] === 'string') {
    const source = decodeUrl(
      required(takeString(part, 'image_url'), pointer(path, 'image_url')),
      pointer(path, 'image_url'),
    )
    return { type: 'image', source, path, ...takeMembers(part) }
  }
  const image = required(takeObject(part, 'image_url'), pointer(path, 'image_url'))
  const url = required(takeString(image, 'url'), pointer(image.path, 'url'))
  const detail = takeString(image, 'detail')
  const source = decodeUrl(url, pointer(image.path, 'url'))
  return { type: 'image', source, path, ...(detail !== undefined && { detail }), ...takeMembers(part, image) }
}

function decodeUrl(url: string, path: string): MediaSource {
  if (!isDataUrl(url)) return { type: 'url', url }
  const parsed = parseDataUrl(url)
  if (parsed === undefined)
    throw new ConversionError('invalid_request', `${path}: is not a valid data URL`, { param: path })
  return { type: 'base64', data: parsed.data, mediaType: parsed.mediaType }
}

function decodeFile(part: WireObject): DocumentPart {
  const { path } = part
  const file = required(takeObject(part, 'file'), pointer(path, 'file'))
  const title = takeString(file, 'filename')
  const source = decodeFileSource(file)
  return { type: 'document', source, path, ...(title !== undefined && { title }), ...takeMembers(part, file) }
}

/** A document of Mistral, by URL or with its bytes in the URL. */
function decodeLink(part: WireObject): DocumentPart {
  const { path } = part
  const place = pointer(path, 'document_url')
  const source = decodeUrl(required(takeString(part, 'document_url'), place), place)
  const title = takeString(part, 'document_name')
  return { type: 'document', source, path, ...(title !== undefined && { title }), ...takeMembers(part) }
}

function decodeFileSource(file: WireObject): MediaSource {
  const fileId = takeString(file, 'file_id')
  if (fileId !== undefined) return { type: 'file', fileId, format: 'openai-chat' }
  const path = pointer(file.path, 'file_data')
  const data = required(takeString(file, 'file_data'), path)
  if (isDataUrl(data) || /^https?:/i.test(data)) return decodeUrl(data, path)
  // Bare base64: what it is shows in its first bytes.
  return { type: 'base64', data: withoutSpace(data), mediaType: 'application/octet-stream' }
}

function decodeAudio(part: WireObject): AudioPart {
  const { path } = part
  const audio = required(takeObject(part, 'input_audio'), pointer(path, 'input_audio'))
  const data = required(takeString(audio, 'data'), pointer(audio.path, 'data'))
  const audioFormat = required(takeString(audio, 'format'), pointer(audio.path, 'format'))
  return { type: 'audio', data, audioFormat, path, ...takeMembers(part, audio) }
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
