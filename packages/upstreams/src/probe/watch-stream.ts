import type { WholeOptions } from '../send/upstream-call.ts'

/** The longest text that is looked for is shorter. */
const TAIL_CHARACTERS = 100

const DATA = /^data:/m
/** In any format. */
const LAST_EVENT = /^data: ?\[DONE\]|"type"\s*:\s*"(?:message_stop|response\.(?:completed|incomplete|failed))"/m
const FINISH = /"finish_reason"\s*:\s*"/

/**
 * Says how far a streamed answer is: its last event ends it, whether or not the upstream closes. Of one that nobody asked
 * for, the first event says enough; it may never end.
 */
export function watchStream(isAsked: boolean): NonNullable<WholeOptions['watch']> {
  return (headers) => {
    if (headers.get('content-type')?.includes('text/event-stream') !== true) return undefined
    const last = isAsked ? LAST_EVENT : DATA
    let tail = ''
    return (chunk) => {
      tail = tail.slice(-TAIL_CHARACTERS) + Buffer.from(chunk).toString('latin1')
      if (last.test(tail)) return 'over'
      return FINISH.test(tail) ? 'complete' : undefined
    }
  }
}
