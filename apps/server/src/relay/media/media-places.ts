import type { JsonObject, JsonValue } from '@relay/format-converter'

/** A picture or a document that was fetched. */
export interface FetchedMedia {
  /** Lower case, without parameters. */
  readonly mediaType: string
  readonly bytes: Buffer
}

/** What a client says stands at an address. */
export type MediaKind = 'image' | 'document'

/** A part of a body that names its bytes by an address. */
export interface MediaPlace {
  readonly kind: MediaKind
  readonly url: string
  /** JSON Pointer to the part. */
  readonly path: string
}

/** The addresses of pictures and documents in a request, in their order; of any of the three formats. */
export function listMediaPlaces(body: JsonObject): readonly MediaPlace[] {
  const places: MediaPlace[] = []
  rewriteBody(body, (form, path) => void places.push({ kind: form.kind, url: form.url, path }))
  return places
}

/** The request with the bytes of what was fetched; what was not stays an address. */
export function inlineMedia(body: JsonObject, fetched: ReadonlyMap<string, FetchedMedia>): JsonObject {
  return rewriteBody(body, (form) => {
    const media = fetched.get(form.url)
    return media === undefined ? undefined : form.inline(media)
  })
}

/** A part with an address, and how the same part holds bytes. */
interface MediaForm {
  readonly kind: MediaKind
  readonly url: string
  inline(media: FetchedMedia): JsonObject
}

/** @returns the new part; nothing where it stays */
type Visit = (form: MediaForm, path: string) => JsonObject | undefined | void

/** Members of a body that hold what was said. */
const CONVERSATIONS = ['messages', 'input'] as const

/** Members of messages, items and parts that hold further parts. */
const HOLDERS = ['content', 'output', 'source'] as const

function rewriteBody(body: JsonObject, visit: Visit): JsonObject {
  return rewriteMembers(body, CONVERSATIONS, { path: '', visit })
}

interface Walk {
  readonly path: string
  readonly visit: Visit
}

function rewrite(value: JsonValue | undefined, walk: Walk): JsonValue | undefined {
  if (Array.isArray(value)) return rewriteList(value, walk)
  if (!isObject(value)) return value
  const form = formOf(value)
  if (form !== undefined) return walk.visit(form, walk.path) ?? value
  return rewriteMembers(value, HOLDERS, walk)
}

/** What does not change is not copied. */
function rewriteList(values: readonly JsonValue[], { path, visit }: Walk): readonly JsonValue[] {
  const rewritten = values.map((value, index) => rewrite(value, { path: `${path}/${index}`, visit }) ?? value)
  return rewritten.some((value, index) => value !== values[index]) ? rewritten : values
}

function rewriteMembers(object: JsonObject, names: readonly string[], { path, visit }: Walk): JsonObject {
  let rewritten = object
  for (const name of names) {
    if (!Object.hasOwn(object, name)) continue
    const value = rewrite(object[name], { path: `${path}/${name}`, visit })
    if (value !== object[name]) rewritten = { ...rewritten, [name]: value }
  }
  return rewritten
}

/** The words of the three formats for a picture or a document at an address. */
function formOf(part: JsonObject): MediaForm | undefined {
  switch (part['type']) {
    case 'image':
    case 'document':
      return messagesForm(part, part['type'])
    case 'image_url':
      return chatImage(part)
    case 'input_image':
      return addressed(part['image_url'], 'image', (media) => ({ ...part, image_url: dataUrl(media) }))
    case 'input_file':
      return responsesFile(part)
    default:
      return undefined
  }
}

function messagesForm(part: JsonObject, kind: MediaKind): MediaForm | undefined {
  const source = part['source']
  if (!isObject(source) || source['type'] !== 'url') return undefined
  return addressed(source['url'], kind, (media) => ({ ...part, source: messagesSource(media) }))
}

function messagesSource({ mediaType, bytes }: FetchedMedia): JsonObject {
  return isText(mediaType)
    ? { type: 'text', media_type: 'text/plain', data: bytes.toString('utf8') }
    : { type: 'base64', media_type: mediaType, data: bytes.toString('base64') }
}

function chatImage(part: JsonObject): MediaForm | undefined {
  const image = part['image_url']
  if (!isObject(image)) return undefined
  return addressed(image['url'], 'image', (media) => ({ ...part, image_url: { ...image, url: dataUrl(media) } }))
}

function responsesFile(part: JsonObject): MediaForm | undefined {
  const { file_url: url, ...rest } = part
  return addressed(url, 'document', (media) => ({
    filename: fileNameOf(url),
    ...rest,
    file_data: dataUrl(media),
  }))
}

/** Only addresses of the web: a data URL holds its bytes already, and nothing else is fetched. */
function addressed(url: JsonValue | undefined, kind: MediaKind, inline: MediaForm['inline']): MediaForm | undefined {
  return typeof url === 'string' && /^https?:\/\//i.test(url) ? { kind, url, inline } : undefined
}

function dataUrl({ mediaType, bytes }: FetchedMedia): string {
  return `data:${mediaType};base64,${bytes.toString('base64')}`
}

/** The last word of the path, which users know the document by. */
function fileNameOf(url: JsonValue | undefined): string {
  const path = typeof url === 'string' ? (URL.parse(url)?.pathname ?? '') : ''
  return path.split('/').at(-1)?.slice(0, 120) || 'document'
}

/** True for types whose bytes are read as text. */
export function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json' || mediaType === 'application/xml'
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
