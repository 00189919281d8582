import type { EncodeRequestContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { AudioPart, CacheMark, Citation, ContentPart, MediaSource, RefusalPart } from '../model/content-part.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { isDataUrl, parseDataUrl, withoutSpace } from './data-url.ts'
import { requireObject, requireString, take, takeObject, takeString, type WireObject } from './read-object.ts'
import { withVendorFields } from './vendor-fields.ts'

/** Name of a file whose own name is not known. */
export const DEFAULT_FILE_NAME = 'document.pdf'

/** Bytes in base64 as an address. */
export function toDataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`
}

/** A part as it was written, under its cache mark and with what only its vendor knows. */
export function finishPart(
  written: JsonObject,
  { cacheMark, vendorFields }: ContentPart,
  { profile, report }: EncodeRequestContext,
): JsonObject {
  if (cacheMark === undefined) return withVendorFields(written, vendorFields)
  if (profile.dialect.explicitCache)
    return withVendorFields({ ...written, prompt_cache_breakpoint: breakpointOf(cacheMark) }, vendorFields)
  reportMark(cacheMark, 'the upstream takes no cache marks here', report)
  return withVendorFields(written, vendorFields)
}

/** Lifetimes of other vendors were translated before; what is not OpenAI's own is not written. */
function breakpointOf({ ttl }: CacheMark): JsonObject {
  return ttl === '30m' || ttl === '12h' ? { mode: 'explicit', ttl } : { mode: 'explicit' }
}

/** Says that a cache mark stays behind. */
export function reportMark({ path }: CacheMark, message: string, report: ReportLoss): void {
  report({ code: 'cache_mark_dropped', level: 'info', path, message })
}

/** Where an image or a document is: at an address, or in a data URL. */
export function sourceOfUrl(url: string, path: string): MediaSource {
  if (!isDataUrl(url)) return { type: 'url', url }
  const parsed = parseDataUrl(url)
  if (parsed === undefined) throw ConversionError.at(path, 'invalid_request', 'is not a valid data URL')
  return { type: 'base64', data: parsed.data, mediaType: parsed.mediaType }
}

/** The bytes of a file, as a data URL or as bare base64; of the latter its first bytes show what it is. */
export function sourceOfFileData(data: string, path: string): MediaSource {
  if (isDataUrl(data)) return sourceOfUrl(data, path)
  return { type: 'base64', data: withoutSpace(data), mediaType: 'application/octet-stream' }
}

/** A refusal, without the members that only one of the formats knows. */
export function takeRefusal(part: WireObject): RefusalPart {
  const { path } = part
  return { type: 'refusal', text: requireString(part, 'refusal'), path }
}

/** A spoken message and the object that held it. */
export function takeAudio(part: WireObject): { readonly audio: AudioPart; readonly holder: WireObject } {
  const { path } = part
  const holder = requireObject(part, 'input_audio')
  const data = requireString(holder, 'data')
  const audioFormat = requireString(holder, 'format')
  return { audio: { type: 'audio', data, audioFormat, path }, holder }
}

/** A cache mark under one of its names, and the object that holds it: what nobody reads of it belongs to the part. */
export function takeCacheMark(
  object: WireObject,
  names: readonly string[],
): { readonly cacheMark: CacheMark; readonly holder: WireObject } | undefined {
  for (const name of names) {
    const holder = takeObject(object, name)
    if (holder === undefined) continue
    take(holder, 'mode') // `explicit`, of all marks
    take(holder, 'type') // `ephemeral`, of all marks
    const ttl = takeString(holder, 'ttl')
    return { cacheMark: { path: holder.path, ...(ttl !== undefined && { ttl }) }, holder }
  }
  return undefined
}

/** A stretch of text in code points, end exclusive. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/** The page that a citation names, and the stretch that cites it. */
export interface CitedPage {
  readonly url: string
  readonly title: string
  readonly start_index: number
  readonly end_index: number
}

/**
 * What an `url_citation` tells.
 *
 * @param range - where the cited text stands in the whole text
 * @returns `undefined` when the citation names no page
 */
export function citedPage(
  { url, title = '', startIndex, endIndex }: Citation,
  { start, end }: TextRange,
): CitedPage | undefined {
  if (url === undefined) return undefined
  return {
    url,
    title,
    start_index: startIndex === undefined ? start : start + startIndex,
    end_index: endIndex === undefined ? end : start + endIndex,
  }
}

/** Length in code points, which is how annotations count; `String.length` counts UTF-16 units. */
export function codePointLength(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length - 1; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) length -= 1
  }
  return length
}

/** Whether a tool's result is a JSON value, and neither text nor a list of parts. */
export function isBareResult(result: JsonValue | undefined): result is JsonValue {
  if (isJsonArray(result)) return !result.every(isPart)
  return isJsonObject(result) || typeof result === 'number' || typeof result === 'boolean'
}

function isPart(entry: JsonValue): boolean {
  return typeof entry === 'string' || (isJsonObject(entry) && typeof entry['type'] === 'string')
}
