import type { UpstreamHandler } from '@relay/upstreams'

import type { Log } from '../observe/log.ts'
import { endBroken } from './end-live-request.ts'
import type { Beating } from './heartbeat.ts'
import type { LiveRequest } from './live-request.ts'

/** What moves an answer on: what the upstream sends, and time. */
type Mover = UpstreamHandler & Pick<Beating, 'beat'>

interface GuardedAnswer {
  readonly live: LiveRequest
  readonly log: Pick<Log, 'error'>
  /** The attempt is over. */
  readonly settle: () => void
}

/**
 * What is thrown while an answer passes is a bug, and ends this one request: it is called from sockets and timers, where
 * nobody else would catch it.
 */
export function guardPump(mover: Mover, { live, log, settle }: GuardedAnswer): Mover {
  const guard = <Result>(move: () => Result): Result | undefined => {
    try {
      return move()
    } catch (error) {
      log.error({ requestId: live.id, error }, 'an answer met an unexpected error')
      settle()
      endBroken(live, error)
      return undefined
    }
  }
  return {
    onHeaders: (status, headers) => guard(() => mover.onHeaders(status, headers)),
    onData: (chunk) => guard(() => mover.onData(chunk)),
    onEnd: () => guard(() => mover.onEnd()),
    onFailure: (failure) => guard(() => mover.onFailure(failure)),
    beat: (nowMs) => guard(() => mover.beat(nowMs)),
  }
}
