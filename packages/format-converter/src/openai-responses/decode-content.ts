import type {
  AudioPart,
  Citation,
  ContentPart,
  DocumentPart,
  ImagePart,
  MediaSource,
  TextPart,
} from '../model/content-part.ts'
import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts'
import { entriesOf } from '../wire/loose.ts'
import { isBareResult, sourceOfFileData, sourceOfUrl, takeAudio, takeRefusal } from '../wire/openai-content.ts'
import { toJsonText } from '../wire/raw-json.ts'
import {
  openObject,
  pointer,
  required,
  requireString,
  take,
  takeString,
  type WireObject,
  wrongType,
} from '../wire/read-object.ts'
import { citationOf } from './content.ts'
import { takeMembers } from './vendor-members.ts'
import { clip } from './wire.ts'

/** The `content` of a message: text, a list of parts, or nothing. */
export function decodeContent(content: JsonValue | undefined, path: string): readonly ContentPart[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return [{ type: 'text', text: content, path }]
  if (!isJsonArray(content)) throw wrongType(path, 'a string or an array of parts', content)
  return content.map((part, index) => decodePart(part, pointer(path, index)))
}

/** The `output` of a tool: clients also send the value itself, which becomes its JSON text. */
export function decodeOutput(output: JsonValue | undefined, path: string): readonly ContentPart[] {
  return isBareResult(output) ? [{ type: 'text', text: toJsonText(output), path }] : decodeContent(output, path)
}

function decodePart(value: JsonValue, path: string): ContentPart {
  if (typeof value === 'string') return { type: 'text', text: value, path }
  const part = openObject(value, path)
  const type = takeString(part, 'type')
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return decodeText(part)
    case 'refusal':
      return { ...takeRefusal(part), ...takeMembers(part) }
    case 'input_image':
      return decodeImage(part)
    case 'input_file':
      return decodeFile(part)
    case 'input_audio':
      return decodeAudio(part)
    default:
      return {
        type: 'opaque',
        format: 'openai-responses',
        kind: clip(type ?? 'part without a type'),
        raw: part.value,
        path,
      }
  }
}

function decodeText(part: WireObject): TextPart {
  const { path } = part
  const text = requireString(part, 'text')
  take(part, 'logprobs') // they belong to the answer that the text comes from
  const citations = takeCitations(part)
  return { type: 'text', text, path, ...(citations.length > 0 && { citations }), ...takeMembers(part) }
}

/** What is none is left to be told. */
function takeCitations(part: WireObject): readonly Citation[] {
  const annotations = entriesOf(part.value['annotations'])
  if (annotations.every(isJsonObject)) take(part, 'annotations')
  return annotations.map(citationOf).filter((citation) => citation !== undefined)
}

function decodeImage(part: WireObject): ImagePart {
  const { path } = part
  const url = takeString(part, 'image_url')
  const fileId = takeString(part, 'file_id')
  const detail = takeString(part, 'detail')
  const source: MediaSource =
    url === undefined && fileId !== undefined
      ? { type: 'file', fileId, format: 'openai-responses' }
      : sourceOfUrl(required(url, pointer(path, 'image_url')), pointer(path, 'image_url'))
  return { type: 'image', source, path, ...(detail !== undefined && { detail }), ...takeMembers(part) }
}

function decodeFile(part: WireObject): DocumentPart {
  const { path } = part
  const title = takeString(part, 'filename')
  const source = decodeFileSource(part)
  return {
    type: 'document',
    source,
    path,
    ...(title !== undefined && { title }),
    ...takeMembers(part, { detail: 'info' }),
  }
}

function decodeFileSource(part: WireObject): MediaSource {
  const data = takeString(part, 'file_data')
  const url = takeString(part, 'file_url')
  const fileId = takeString(part, 'file_id')
  if (data !== undefined) return sourceOfFileData(data, pointer(part.path, 'file_data'))
  if (url !== undefined) return sourceOfUrl(url, pointer(part.path, 'file_url'))
  return { type: 'file', fileId: required(fileId, pointer(part.path, 'file_data')), format: 'openai-responses' }
}

function decodeAudio(part: WireObject): AudioPart {
  const { audio } = takeAudio(part)
  return { ...audio, ...takeMembers(part) }
}
