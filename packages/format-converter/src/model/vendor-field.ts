import type { JsonValue } from './json.ts'
import type { LossLevel } from './loss.ts'

/**
 * A field that only its vendor knows. An encoder of the same format writes it back; others report it, unless the
 * profile's pass-through list names it.
 */
export interface VendorField {
  /** Top-level key of the field in the client's body, e.g. `container`; for a field of a part, tool or turn its own key there. */
  readonly name: string
  readonly value: JsonValue
  readonly path: string
  /** `info` where losing it changes nothing but cost or bookkeeping; `lossy` otherwise. */
  readonly level: LossLevel
  /** The decoder did not know the field at all (`unknown_field`), or knows that no other format has it (`param_unsupported`). */
  readonly isKnown: boolean
}
