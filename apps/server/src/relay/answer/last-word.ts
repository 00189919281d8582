/** Looks from time to time whether the last word of an answer is still worth the wait. */
export interface LastWord {
  /**
   * @param nowMs - monotonic milliseconds
   * @param eventsIn - how many events have come, comments not counted; `undefined` while more than the last word is missing
   * @returns whether no event has come for too long
   */
  isOverdue(nowMs: number, eventsIn: number | undefined): boolean
}

export function createLastWord(lastWordMs: number): LastWord {
  let quietSince: number | undefined
  let eventsSeen: number | undefined
  return {
    isOverdue: (nowMs, eventsIn) => {
      const isQuiet = eventsIn !== undefined && eventsIn === eventsSeen
      eventsSeen = eventsIn
      quietSince = isQuiet ? (quietSince ?? nowMs) : undefined
      return quietSince !== undefined && nowMs - quietSince > lastWordMs
    },
  }
}
