import type { ApiErrorCode } from '#lib/api/api-error.ts'

/** Why what is on the page may be old: nothing newer comes while this lasts. */
export type ConnectionTrouble = (typeof TROUBLES)[number]

const TROUBLES = ['unreachable', 'too-slow', 'not-signed-in', 'store-unavailable'] as const satisfies ApiErrorCode[]

let trouble = $state.raw<ConnectionTrouble>()

/** Whether the relay answers, as the newest call found. */
export const connection = {
  get trouble(): ConnectionTrouble | undefined {
    return trouble
  },
  /**
   * Told by every call how it went.
   *
   * @param code - why it came to nothing; `undefined` when it did not
   */
  note(code: ApiErrorCode | undefined): void {
    trouble = TROUBLES.find((each) => each === code)
  },
}
