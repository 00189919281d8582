import type { UpstreamCall, UpstreamHandler, UpstreamRequest } from '@relay/upstreams'

import type { LiveRequest } from '../live-request.ts'
import { endBroken } from './end-live-request.ts'
import { giveUp } from './give-up.ts'
import type { Beating } from './heartbeat.ts'
import type { StreamRooms } from './stream-answer.ts'

/** An answer that is pumped from its upstream to its client. */
export interface DrivenPump {
  readonly live: LiveRequest
  readonly request: UpstreamRequest
  /** What moves it on: what the upstream sends, and time. */
  readonly moves: UpstreamHandler & Pick<Beating, 'beat'>
  /** Since when the client does not keep up, in monotonic milliseconds. */
  readonly stuckSinceMs: () => number | undefined
  /** The request is over. @returns whether the answer was complete, so that its upstream may close by itself */
  readonly leave: () => boolean
  /** A bug was met: the attempt is over. */
  readonly settle: () => void
}

/** What drives a pump until it is over. */
export interface PumpDrive {
  readonly call: UpstreamCall
  /** The pump is over: time does not matter to it any more. */
  stop(): void
}

/** Sends the request of a pump, and lets the upstream, time and the end of its request move it. */
export function drivePump({ sender, heartbeat, rhythm, log }: StreamRooms, pump: DrivenPump): PumpDrive {
  const { live, moves, stuckSinceMs, settle } = pump
  let isUpstreamOver = false
  let linger: NodeJS.Timeout | undefined

  /** What is thrown here is a bug, and ends this one request: sockets and timers call, where nobody else would catch it. */
  function guarded<Given extends unknown[], Result>(move: (...given: Given) => Result) {
    return (...given: Given): Result | undefined => {
      try {
        return move(...given)
      } catch (error) {
        log.error({ requestId: live.id, error }, 'an answer met an unexpected error')
        settle()
        endBroken(live, error)
        return undefined
      }
    }
  }

  /** Nothing is left to wait for: the timer would keep the whole request in memory until it fires. */
  function endUpstream(): void {
    isUpstreamOver = true
    clearTimeout(linger)
  }

  /** A complete answer leaves the upstream a moment to close, so that its connection can be used again. */
  function release(): void {
    if (!pump.leave()) call.abort()
    else if (!isUpstreamOver) linger = setTimeout(() => call.abort(), rhythm.lingerMs).unref()
  }

  const call = sender.send(pump.request, {
    onSending: () => live.noteSending(),
    onHeaders: guarded(moves.onHeaders),
    onData: guarded(moves.onData),
    onEnd: guarded(() => {
      endUpstream()
      moves.onEnd()
    }),
    onFailure: guarded((failure) => {
      endUpstream()
      moves.onFailure(failure)
    }),
  })
  const stop = heartbeat.add({
    beat: guarded(moves.beat),
    buffered: { bufferedBytes: () => live.outgoing.writableLength, stuckSinceMs, giveUp: () => giveUp(live) },
  })
  live.own(release)
  return { call, stop }
}
