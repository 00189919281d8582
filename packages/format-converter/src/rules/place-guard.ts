import type { JsonValue } from '../model/json.ts'
import type { Place } from './place.ts'

/**
 * Says which places the rules of a phase may touch. Every method answers what is wrong, or `undefined` when the place is
 * free. It is asked while rules are compiled, so that a rule that could do harm never runs.
 */
export interface PlaceGuard {
  /** May this value be written there? */
  write(place: Place, value: JsonValue): string | undefined
  /** May what stands there be taken away? */
  remove(place: Place): string | undefined
  /** May elements of the list there be left out? */
  shorten(place: Place): string | undefined
  /** May what stands at one place be put at the other? */
  transfer(from: Place, to: Place): string | undefined
  /** Members that `*` passes over, whatever the body holds. */
  readonly passesOver: (name: string) => boolean
  /** Values that are not transferred, whatever the body holds. */
  readonly holdsWords: (value: JsonValue) => boolean
}
