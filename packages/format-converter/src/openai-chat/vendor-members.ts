import type { CacheMark } from '../model/content-part.ts'
import type { VendorField } from '../model/vendor-field.ts'
import { takeCacheMark } from '../wire/openai-content.ts'
import type { WireObject } from '../wire/read-object.ts'
import { readNestedRest, readRest } from '../wire/vendor-fields.ts'

/** What every part and tool has. Absent members are left out, so that the common case costs nothing. */
export interface CommonMembers {
  readonly cacheMark?: CacheMark
  readonly vendorFields?: readonly VendorField[]
}

/** OpenAI's own mark, or Anthropic's, which OpenRouter and LiteLLM take on Chat content parts. */
const CACHE_MARKS = ['prompt_cache_breakpoint', 'cache_control'] as const

/**
 * Takes the cache mark and, as vendor fields, everything that nobody has read by then: so it is called last.
 *
 * @param nested - an object inside the object, whose rest belongs to it, e.g. `image_url`
 */
export function takeMembers(object: WireObject, nested?: WireObject): CommonMembers {
  const mark = takeCacheMark(object, CACHE_MARKS)
  const inner = [nested, mark?.holder].filter((holder) => holder !== undefined)
  const fields = [...readRest(object), ...inner.flatMap((holder) => readNestedRest(holder))]
  return {
    ...(mark !== undefined && { cacheMark: mark.cacheMark }),
    ...(fields.length > 0 && { vendorFields: fields }),
  }
}
