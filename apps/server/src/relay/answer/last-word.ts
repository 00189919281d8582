/** Looks from time to time whether the last word of an answer is still worth the wait. */
export class LastWord {
  readonly #lastWordMs: number
  #quietSince: number | undefined = undefined
  #eventsSeen: number | undefined = undefined

  /** @param lastWordMs - how long no event may come */
  constructor(lastWordMs: number) {
    this.#lastWordMs = lastWordMs
  }

  /**
   * @param nowMs - monotonic milliseconds
   * @param eventsIn - how many events have come, comments not counted; `undefined` while more than the last word is missing
   * @returns whether no event has come for too long
   */
  isOverdue(nowMs: number, eventsIn: number | undefined): boolean {
    const isQuiet = eventsIn !== undefined && eventsIn === this.#eventsSeen
    this.#eventsSeen = eventsIn
    this.#quietSince = isQuiet ? (this.#quietSince ?? nowMs) : undefined
    return this.#quietSince !== undefined && nowMs - this.#quietSince > this.#lastWordMs
  }
}
