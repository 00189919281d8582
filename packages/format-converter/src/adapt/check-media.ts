import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { ContentPart, DocumentPart, ImagePart, MediaSource } from '../model/content-part.ts'
import type { FormatName } from '../model/format-name.ts'
import { decodeBase64Text } from '../wire/base64url.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapParts } from './map-parts.ts'
import { sniffMediaType } from './sniff-media-type.ts'

/** Image types that Messages models read. */
const MESSAGES_IMAGES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])

/** Types of documents that are text and can go as such. */
const TEXT_TYPES = /^(?:text\/|application\/(?:(?:[\w.-]+\+)?(?:json|xml)|x-ndjson|csv|yaml|x-yaml|toml|javascript)$)/i

/**
 * Sees to it that every image, document and sound is one that the target reads; corrects wrong media types.
 *
 * @throws ConversionError `unsupported_feature` for media that cannot be carried: stored files of another vendor, sound,
 * image and document types without a reader
 */
export function checkMedia(request: ChatRequest, context: AdaptContext): ChatRequest {
  return mapParts(request, (part) => {
    const bare = part.type === 'image' ? withoutDetail(part, request.format, context) : part
    return checkPart(bare, context)
  })
}

function checkPart(part: ContentPart, context: AdaptContext): ContentPart {
  switch (part.type) {
    case 'image':
      return checkImage(part, context)
    case 'document':
      return checkDocument(part, context)
    case 'audio':
      if (context.profile.format !== 'openai-chat')
        throw refused(part.path, 'audio input is not supported by this upstream (audio_unsupported)')
      return part
    case 'text':
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
    case 'refusal':
    case 'server-tool':
    case 'compaction':
    case 'opaque':
      return part
  }
}

function checkImage(part: ImagePart, context: AdaptContext): ImagePart {
  refuseStoredFile(part.source, part.path, context)
  if (part.source.type !== 'base64') return part
  const { source } = part
  const mediaType = imageType(source.data, source.mediaType)
  if (isMessagesTarget(context) && !MESSAGES_IMAGES.has(mediaType)) {
    throw refused(
      part.path,
      `images of the type ${mediaType.slice(0, 40)} are not supported; send JPEG, PNG, GIF or WebP (media_type_unsupported)`,
    )
  }
  if (mediaType === source.mediaType) return part
  reportFixedType(part.path, mediaType, context)
  return { ...part, source: { ...source, mediaType } }
}

/** What the bytes say counts more than what the client says. */
function imageType(data: string, declared: string): string {
  const sniffed = sniffMediaType(data)
  if (sniffed?.startsWith('image/') === true) return sniffed
  const lower = declared.toLowerCase()
  return lower === 'image/jpg' ? 'image/jpeg' : lower
}

function withoutDetail(image: ImagePart, from: FormatName, context: AdaptContext): ImagePart {
  if (image.detail === undefined || !isMessagesTarget(context)) return image
  const { detail, ...bare } = image
  if (detail !== 'auto') {
    context.report({
      code: 'param_unsupported',
      level: 'info',
      path: `${image.path}/${from === 'openai-chat' ? 'image_url/detail' : 'detail'}`,
      message: 'the target chooses the detail of images itself',
    })
  }
  return bare
}

function checkDocument(part: DocumentPart, context: AdaptContext): DocumentPart | ImagePart {
  const { source } = part
  if (source.type === 'text' || source.type === 'parts') return part
  refuseStoredFile(source, part.path, context)
  if (source.type !== 'base64') return part
  const mediaType = sniffMediaType(source.data) ?? source.mediaType.toLowerCase()
  if (mediaType.startsWith('image/')) return checkImage(imageOf(part, source.data, mediaType), context)
  if (TEXT_TYPES.test(mediaType)) return asText(part, source.data)
  if (mediaType !== 'application/pdf' && isMessagesTarget(context)) {
    throw refused(
      part.path,
      `documents of the type ${mediaType.slice(0, 60)} are not supported; send PDF or text (media_type_unsupported)`,
    )
  }
  if (mediaType === source.mediaType) return part
  reportFixedType(part.path, mediaType, context)
  return { ...part, source: { ...source, mediaType } }
}

function imageOf(part: DocumentPart, data: string, mediaType: string): ImagePart {
  const { path, cacheMark } = part
  const source = { type: 'base64', data, mediaType } as const
  return { type: 'image', source, path, ...(cacheMark !== undefined && { cacheMark }) }
}

function asText(part: DocumentPart, data: string): DocumentPart {
  const text = decodeBase64Text(data)
  if (text === undefined)
    throw refused(part.path, 'the document is declared as text but its bytes are not UTF-8 (media_type_unsupported)')
  return { ...part, source: { type: 'text', text } }
}

/** Stored files belong to one vendor's account. */
function refuseStoredFile(source: MediaSource, path: string, { profile }: AdaptContext): void {
  if (source.type !== 'file' || source.format === profile.format) return
  throw refused(path, 'the file is stored with another vendor; send its contents instead (file_not_portable)')
}

function reportFixedType(path: string, replacedBy: string, { report }: AdaptContext): void {
  report({
    code: 'media_type_fixed',
    level: 'repaired',
    path,
    message: 'the declared media type did not fit the data',
    detail: { replacedBy },
  })
}

function refused(path: string, reason: string): ConversionError {
  return ConversionError.at(path, 'unsupported_feature', reason)
}
