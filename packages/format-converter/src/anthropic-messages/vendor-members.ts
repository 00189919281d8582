import { ConversionError } from '../conversion-error.ts'
import type { CacheMark } from '../model/content-part.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { VendorField } from '../model/vendor-field.ts'
import { pointer, take, takeObject, takeString, type WireObject } from '../wire/read-object.ts'
import { readNestedRest, readRest, type VendorMembers } from '../wire/vendor-fields.ts'

export interface TakeMembersInit {
  /** Members that are known; everything else is unknown and its loss `lossy`. */
  readonly known: VendorMembers
  /** Objects inside the object whose rest belongs to it, e.g. the `source` of an image. */
  readonly nested?: readonly (WireObject | undefined)[]
}

/** What every part and tool has. Absent members are left out, so that the common case costs nothing. */
export interface CommonMembers {
  readonly cacheMark?: CacheMark
  readonly vendorFields?: readonly VendorField[]
}

/**
 * Takes the cache mark and, as vendor fields, everything that nobody has read by then: so it is called last. A target of
 * the same format gets the fields back; every other target reports them.
 */
export function takeMembers(object: WireObject, { known, nested = [] }: TakeMembersInit): CommonMembers {
  const mark = takeObject(object, 'cache_control')
  const cacheMark = mark === undefined ? undefined : readCacheMark(mark)
  const fields = [
    ...readRest(object, known),
    ...[...nested, mark].flatMap((inner) => (inner === undefined ? [] : readNestedRest(inner, known))),
  ]
  return { ...(cacheMark !== undefined && { cacheMark }), ...(fields.length > 0 && { vendorFields: fields }) }
}

/** Reads an open `cache_control`. */
export function readCacheMark(mark: WireObject): CacheMark {
  const type = takeString(mark, 'type')
  const ttl = takeString(mark, 'ttl')
  if (type === undefined || type === 'ephemeral') return { path: mark.path, ...(ttl !== undefined && { ttl }) }
  const path = pointer(mark.path, 'type')
  throw ConversionError.at(path, 'invalid_request', 'must be "ephemeral"')
}

/** Writes a cache mark back. */
export function encodeCacheMark(mark: CacheMark | undefined): JsonObject | undefined {
  if (mark === undefined) return undefined
  return mark.ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: mark.ttl }
}

/** A block or tool as its vendor declared it, under the mark that it has by now. */
export function withCacheMark(raw: JsonObject, mark: CacheMark | undefined): JsonObject {
  const earlier = raw['cache_control']
  if (mark !== undefined)
    return { ...raw, cache_control: { ...(isJsonObject(earlier) && earlier), ...encodeCacheMark(mark) } }
  return Object.hasOwn(raw, 'cache_control') ? { ...raw, cache_control: undefined } : raw
}

/** Takes a member that must be one of a few words. */
export function takeWord<const Word extends string>(
  object: WireObject,
  key: string,
  words: readonly Word[],
): Word | undefined {
  const value = take(object, key)
  if (value === undefined) return undefined
  const word = words.find((candidate) => candidate === value)
  if (word !== undefined) return word
  const path = pointer(object.path, key)
  throw ConversionError.at(path, 'invalid_request', `must be one of ${words.join(', ')}`)
}
