import type { CacheMark } from '../model/content-part.ts'
import type { VendorField } from '../model/vendor-field.ts'
import { takeCacheMark } from '../wire/openai-content.ts'
import { take, type WireObject } from '../wire/read-object.ts'
import { readNestedRest, readRest, type VendorMembers } from '../wire/vendor-fields.ts'

/** What every part has. Absent members are left out, so that the common case costs nothing. */
export interface CommonMembers {
  readonly cacheMark?: CacheMark
  readonly vendorFields?: readonly VendorField[]
}

/** Bookkeeping of answers that come back as history: it means nothing to anybody but the vendor's own store. */
const BOOKKEEPING = [
  'type',
  'id',
  'status',
  'created_by',
  'caller',
  'async',
  // Codex 0.169 notes the turn and the kind of each item here when it takes its server for OpenAI.
  'internal_chat_message_metadata_passthrough',
] as const

/** Takes what only tells where an item came from. */
export function takeBookkeeping(item: WireObject): void {
  for (const name of BOOKKEEPING) take(item, name)
}

/** Takes the cache mark and, as vendor fields, everything that nobody has read by then: so it is called last. */
export function takeMembers(object: WireObject, known: VendorMembers = {}): CommonMembers {
  const mark = takeCacheMark(object, ['prompt_cache_breakpoint'])
  const fields = [...readRest(object, known), ...(mark === undefined ? [] : readNestedRest(mark.holder))]
  return {
    ...(mark !== undefined && { cacheMark: mark.cacheMark }),
    ...(fields.length > 0 && { vendorFields: fields }),
  }
}
