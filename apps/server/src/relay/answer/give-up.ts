import type { Failure } from '@relay/format-converter'

import type { LiveRequest } from '../live-request.ts'

const TOO_SLOW: Failure = {
  kind: 'internal',
  message: 'the answer was not read in time, and its place is needed; read faster, or ask again later',
}

/** How long a client that was too slow may take for its error. */
const LAST_WORDS_MS = 1_000

/** Ends a stream whose client does not read, because memory is short. */
export function giveUp(live: LiveRequest): void {
  const { outgoing } = live
  live.interrupt(TOO_SLOW)
  live.finish({ reason: 'internal_error', status: outgoing.statusCode, message: TOO_SLOW.message })
  setTimeout(() => outgoing.destroy(), LAST_WORDS_MS).unref()
}
