import type { Place, PlaceInput, PlaceKind } from '../place.ts'

/** Where things go on, so that every node sends them there. Losing one costs a prompt cache or a repetition, no more. */
export interface PlaceRoom {
  /**
   * Remembers where something goes on, in place of what was known. Of those that a store has no room for, the ones go
   * first that would end first.
   *
   * @throws StoreError `invalid-input`
   */
  rememberPlace(place: PlaceInput): Promise<void>
  /** Where something goes on, while that is remembered. */
  findPlace(kind: PlaceKind, name: string): Promise<Place | undefined>
  forgetPlace(kind: PlaceKind, name: string): Promise<void>
  /** Takes those off the disk whose time is over.
   * @returns how many; 0 where the store's server does it by itself */
  removeExpiredPlaces(): Promise<number>
}
