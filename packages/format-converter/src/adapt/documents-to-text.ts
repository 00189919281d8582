import type { ChatRequest } from '../model/chat-request.ts'
import type { ContentPart, DocumentPart, TextPart } from '../model/content-part.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapParts } from './map-parts.ts'

/** Chat has files but no documents: texts go as text, links as links, and files only where the dialect takes them. */
export function documentsToText(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (isMessagesTarget(context)) return request
  return mapParts(request, (part) => (part.type === 'document' ? convertDocument(part, context) : part))
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
      context.report({
        code: 'media_linked',
        level: 'degraded',
        path: part.path,
        message: 'the document became a link: the target reads no documents by URL',
      })
      return [textPart(part, `[document: ${source.url}]`)]
    case 'file':
      return [withoutContext(part)]
    case 'base64':
      return context.profile.dialect.files
        ? [...contextPart(part), withoutContext(part)]
        : [unreadable(part, source.mediaType, context)]
  }
}

function unreadable(part: DocumentPart, mediaType: string, { report }: AdaptContext): TextPart {
  report({
    code: 'media_type_unsupported',
    level: 'degraded',
    path: part.path,
    message: 'the upstream takes no files; a note stands in the place of the document',
  })
  const title = part.title === undefined ? '' : `${part.title}, `
  return textPart(part, `[document: ${title}${mediaType}, not readable here]`)
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

function textPart(part: DocumentPart, text: string): TextPart {
  return { type: 'text', text, path: part.path, ...(part.cacheMark !== undefined && { cacheMark: part.cacheMark }) }
}
