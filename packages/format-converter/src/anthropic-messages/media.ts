import { ConversionError } from '../conversion-error.ts'
import type { DocumentPart, ImagePart, MediaSource } from '../model/content-part.ts'
import type { JsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { pointer, required, takeString, type WireObject } from '../wire/read-object.ts'

/** Where the bytes of an image or a PDF are. */
export function decodeMediaSource(source: WireObject): MediaSource {
  const type = required(takeString(source, 'type'), pointer(source.path, 'type'))
  switch (type) {
    case 'base64':
      return {
        type: 'base64',
        data: required(takeString(source, 'data'), pointer(source.path, 'data')),
        mediaType: required(takeString(source, 'media_type'), pointer(source.path, 'media_type')),
      }
    case 'url':
      return { type: 'url', url: required(takeString(source, 'url'), pointer(source.path, 'url')) }
    case 'file':
      return {
        type: 'file',
        fileId: required(takeString(source, 'file_id'), pointer(source.path, 'file_id')),
        format: 'anthropic-messages',
      }
    default: {
      const path = pointer(source.path, 'type')
      throw new ConversionError('invalid_request', `${path}: must be base64, url or file`, { param: path })
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
