import type { UsageRecord } from './usage-record.ts'

/** Makes the record of a request as it stands; `undefined` when there is none to make. */
export type RecordMaker = () => UsageRecord | undefined

interface WaitingNote {
  recordOf: RecordMaker | undefined
}

/** Beyond this requests are not noted: a note is a help after a crash, not a promise. */
const MAX_WAITING = 10_000

/** Running requests that have not been noted where others see them; most are over before it comes to that. */
export class WaitingNotes {
  readonly #notes = new Map<string, WaitingNote>()

  get size(): number {
    return this.#notes.size
  }

  add(requestId: string, recordOf: RecordMaker): void {
    if (this.#notes.size < MAX_WAITING) this.#notes.set(requestId, { recordOf })
  }

  /** @returns whether it was waiting */
  remove(requestId: string): boolean {
    const note = this.#notes.get(requestId)
    if (note === undefined) return false
    // The map copies itself to a new table now and then: what lies in the old one would keep the whole request alive.
    note.recordOf = undefined
    return this.#notes.delete(requestId)
  }

  /** Their records as they stand now. */
  records(): ReadonlyMap<string, UsageRecord | undefined> {
    return new Map(Array.from(this.#notes, ([requestId, { recordOf }]) => [requestId, recordOf?.()]))
  }
}
