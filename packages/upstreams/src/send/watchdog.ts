import type { ExchangeTimeouts, TransportFailureCode } from './upstream-call.ts'

/** Watches the time limits of one exchange. */
export interface Watchdog {
  startConnecting(): void
  startHeaders(): void
  startBody(): void
  /** Called for each read: only notes the time. */
  sawBytes(): void
  /** The caller does not want bytes: silence is not the upstream's fault now. */
  pause(): void
  resume(): void
  end(): void
}

/** The connector gives up first and says more; this bound holds when it never gets its turn. */
const CONNECT_GRACE_MS = 1000

/**
 * Makes a watchdog with two timers an exchange and none a chunk.
 *
 * @param onTimeout - called at most once
 */
export function createWatchdog(
  timeouts: ExchangeTimeouts,
  onTimeout: (code: TransportFailureCode, detail: string) => void,
): Watchdog {
  const { connectMs, headersMs, idleMs, totalMs } = timeouts
  let isPaused = false
  let lastByteAt = 0
  let phaseTimer: NodeJS.Timeout | undefined
  const totalTimer = arm(totalMs, () => {
    onTimeout('total-timeout', `was not complete within ${totalMs} ms`)
  })

  function startPhase(limitMs: number, onLimit: () => void): void {
    clearTimeout(phaseTimer)
    phaseTimer = arm(limitMs, onLimit)
  }

  /** Set anew only when it fires, for what is left of the limit then. */
  function checkSilence(): void {
    const silentMs = performance.now() - lastByteAt
    if (isPaused) startPhase(idleMs, checkSilence)
    else if (silentMs < idleMs) startPhase(Math.ceil(idleMs - silentMs), checkSilence)
    else onTimeout('idle-timeout', `sent nothing for ${idleMs} ms in the middle of its answer`)
  }

  function sawBytes(): void {
    lastByteAt = performance.now()
  }

  return {
    startConnecting: () => {
      const limitMs = connectMs === 0 ? 0 : connectMs + CONNECT_GRACE_MS
      startPhase(limitMs, () => onTimeout('connect-timeout', `took over ${limitMs} ms to connect`))
    },
    startHeaders: () => {
      startPhase(headersMs, () => {
        onTimeout('headers-timeout', `sent no response headers within ${headersMs} ms`)
      })
    },
    startBody: () => {
      sawBytes()
      startPhase(idleMs, checkSilence)
    },
    sawBytes,
    pause: () => {
      isPaused = true
    },
    resume: () => {
      isPaused = false
      sawBytes()
    },
    end: () => {
      clearTimeout(phaseTimer)
      clearTimeout(totalTimer)
    },
  }
}

function arm(limitMs: number, onLimit: () => void): NodeJS.Timeout | undefined {
  return limitMs === 0 ? undefined : setTimeout(onLimit, limitMs)
}
