import { ConversionError } from '../conversion-error.ts'
import type { DocumentPart, ImagePart, MediaSource } from '../model/content-part.ts'
import type { JsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { pointer, requireString, type WireObject } from '../wire/read-object.ts'

/** Where the bytes of an image or a PDF are. */
export function decodeMediaSource(source: WireObject): MediaSource {
  const type = requireString(source, 'type')
  switch (type) {
    case 'base64':
      return {
        type: 'base64',
        data: requireString(source, 'data'),
        mediaType: requireString(source, 'media_type'),
      }
    case 'url':
      return { type: 'url', url: requireString(source, 'url') }
    case 'file':
      return {
        type: 'file',
        fileId: requireString(source, 'file_id'),
        format: 'anthropic-messages',
      }
    default: {
      const path = pointer(source.path, 'type')
      throw ConversionError.at(path, 'invalid_request', 'must be base64, url or file')
    }
  }
}

/** A source in this format's words; `undefined`, and reported, for a file that another vendor stores. */
export function encodeMediaSource(
  part: ImagePart | DocumentPart,
  source: MediaSource,
  report: ReportLoss,
): JsonObject | undefined {
  switch (source.type) {
    case 'base64':
      return { type: 'base64', media_type: source.mediaType, data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file':
      if (source.format === 'anthropic-messages') return { type: 'file', file_id: source.fileId }
      report({
        code: 'file_not_portable',
        level: 'lossy',
        path: part.path,
        message: 'a file that another vendor stores was left out',
      })
      return undefined
  }
}
