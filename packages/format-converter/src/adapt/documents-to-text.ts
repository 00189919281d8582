import type { ChatRequest } from '../model/chat-request.ts'
import type { ContentPart, DocumentPart, ImagePart, TextPart } from '../model/content-part.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapParts } from './map-parts.ts'

/**
 * Chat has files but no documents: texts go as text, links as links, and files only where the dialect takes them. Where it
 * takes nothing but text, images go the same way.
 */
export function documentsToText(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (isMessagesTarget(context)) return request
  return mapParts(request, (part) => {
    if (part.type === 'document') return convertDocument(part, context)
    return part.type === 'image' && isTextOnly(context) ? convertImage(part, context) : part
  })
}

function isTextOnly({ profile }: AdaptContext): boolean {
  return profile.format === 'openai-chat' && profile.dialect.contentMustBeString
}

function convertImage(part: ImagePart, context: AdaptContext): ContentPart {
  const { source } = part
  if (source.type === 'base64') return unreadable(part, source.mediaType, context)
  return source.type === 'url' ? linked(part, source.url, context) : part
}

function convertDocument(part: DocumentPart, context: AdaptContext): readonly ContentPart[] {
  const { source } = part
  if (part.wantsCitations === true) {
    context.report({
      code: 'citation_dropped',
      level: 'info',
      path: `${part.path}/citations`,
      message: 'the target gives no citations into documents',
    })
  }
  switch (source.type) {
    case 'text':
      return [textPart(part, withHeading(part, source.text))]
    case 'parts':
      return [...headingPart(part), ...source.parts]
    case 'url':
      if (context.profile.format === 'openai-responses') return [withoutContext(part)]
      if (context.profile.dialect.documentLinks !== 'none') return [...contextPart(part), withoutContext(part)]
      return [linked(part, source.url, context)]
    case 'file':
      return [withoutContext(part)]
    case 'base64':
      return context.profile.dialect.files && !isTextOnly(context)
        ? [...contextPart(part), withoutContext(part)]
        : [unreadable(part, source.mediaType, context)]
  }
}

function linked(part: DocumentPart | ImagePart, url: string, { report }: AdaptContext): TextPart {
  const message = `the ${part.type} became a link: the target reads no ${part.type}s by URL`
  report({ code: 'media_linked', level: 'degraded', path: part.path, message })
  return textPart(part, `[${part.type}: ${url}]`)
}

function unreadable(part: DocumentPart | ImagePart, mediaType: string, { report }: AdaptContext): TextPart {
  const message = `the upstream takes no ${part.type}s; a note stands in the place of this one`
  report({ code: 'media_type_unsupported', level: 'degraded', path: part.path, message })
  const title = part.type === 'image' || part.title === undefined ? '' : `${part.title}, `
  return textPart(part, `[${part.type}: ${title}${mediaType}, not readable here]`)
}

function withHeading(part: DocumentPart, text: string): string {
  return [part.title, part.context, text].filter((line) => line !== undefined && line !== '').join('\n')
}

function headingPart(part: DocumentPart): readonly TextPart[] {
  const heading = withHeading(part, '')
  return heading === '' ? [] : [textPart(part, heading)]
}

function contextPart(part: DocumentPart): readonly TextPart[] {
  return part.context === undefined || part.context === ''
    ? []
    : [{ type: 'text', text: part.context, path: part.path }]
}

/** What a file part can say beside its bytes is its name. */
function withoutContext(part: DocumentPart): DocumentPart {
  const { context: _told, wantsCitations: _dropped, ...bare } = part
  return bare
}

function textPart(part: DocumentPart | ImagePart, text: string): TextPart {
  return { type: 'text', text, path: part.path, ...(part.cacheMark !== undefined && { cacheMark: part.cacheMark }) }
}
