import type { ResponseInput, ResponsePlace, StoredResponse } from '../stored-response.ts'

/** Responses that clients may go on from. They hold prompts and answers: kept sealed, only for the key that made them, and only for a time. */
export interface ResponseRoom {
  /** Keeps a response until it expires; one of the same id is replaced. The oldest ones of the key go where it has too many.
   * @throws StoreError `invalid-input`, `not-found` for the key */
  saveResponse(response: ResponseInput): Promise<void>
  /** `undefined` when the key has none of this id, or its time is over. */
  findResponse(place: ResponsePlace): Promise<StoredResponse | undefined>
  /** The newest response of the key that was saved with this item. */
  findResponseOfItem(keyId: string, itemId: string): Promise<StoredResponse | undefined>
  /** @returns whether there was one */
  removeResponse(place: ResponsePlace): Promise<boolean>
  /** Takes expired responses off the disk; nobody finds them before that either.
   * @returns how many */
  removeExpiredResponses(): Promise<number>
}
