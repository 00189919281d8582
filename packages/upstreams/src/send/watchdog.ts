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
 * Makes a watchdog with one timer an exchange and none a chunk.
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
  const limits = createLimits(totalMs, () => onTimeout('total-timeout', `was not complete within ${totalMs} ms`))

  /** Looked at only when the limit is over, for what is left of it then. */
  function checkSilence(): void {
    const silentMs = performance.now() - lastByteAt
    if (isPaused) limits.startPhase(idleMs, checkSilence)
    else if (silentMs < idleMs) limits.startPhase(idleMs - silentMs, checkSilence)
    else onTimeout('idle-timeout', `sent nothing for ${idleMs} ms in the middle of its answer`)
  }

  function sawBytes(): void {
    lastByteAt = performance.now()
  }

  return {
    startConnecting: () => {
      const limitMs = connectMs === 0 ? 0 : connectMs + CONNECT_GRACE_MS
      limits.startPhase(limitMs, () => onTimeout('connect-timeout', `took over ${limitMs} ms to connect`))
    },
    startHeaders: () => {
      limits.startPhase(headersMs, () => {
        onTimeout('headers-timeout', `sent no response headers within ${headersMs} ms`)
      })
    },
    startBody: () => {
      sawBytes()
      limits.startPhase(idleMs, checkSilence)
    },
    sawBytes,
    pause: () => {
      isPaused = true
    },
    resume: () => {
      isPaused = false
      sawBytes()
    },
    end: limits.end,
  }
}

/** The limit of an exchange as a whole, and that of the phase it is in; 0 = none. */
interface Limits {
  /** Takes the place of the phase before. */
  startPhase(limitMs: number, onEnd: () => void): void
  end(): void
}

interface Phase {
  readonly endsAt: number
  readonly onEnd: () => void
}

/** One timer for both: a limit that ends after it is due is looked at when it fires, so that most phases set none. */
function createLimits(totalMs: number, onTotal: () => void): Limits {
  const totalEndsAt = totalMs === 0 ? Infinity : performance.now() + totalMs
  let phase: Phase | undefined
  let timer: NodeJS.Timeout | undefined
  let firesAt = Infinity
  let isOver = false

  function arm(): void {
    const endsAt = Math.min(phase?.endsAt ?? Infinity, totalEndsAt)
    if (isOver || endsAt >= firesAt) return
    clearTimeout(timer)
    firesAt = endsAt
    timer = setTimeout(look, Math.ceil(endsAt - performance.now()))
  }

  function look(): void {
    firesAt = Infinity
    const now = performance.now()
    if (now >= totalEndsAt) return onTotal()
    if (phase !== undefined && now >= phase.endsAt) {
      const { onEnd } = phase
      phase = undefined
      onEnd()
    }
    arm()
  }

  return {
    startPhase: (limitMs, onEnd) => {
      phase = limitMs === 0 ? undefined : { endsAt: performance.now() + limitMs, onEnd }
      arm()
    },
    end: () => {
      isOver = true
      clearTimeout(timer)
    },
  }
}
