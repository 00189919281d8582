import type { ExchangeTimeouts, TransportFailureCode } from './upstream-call.ts'

/** The connector gives up first and says more; this bound holds when it never gets its turn. */
const CONNECT_GRACE_MS = 1000

type Phase = 'connecting' | 'headers' | 'body'

/**
 * Watches the time limits of one exchange, as a whole and for the phase it is in, with one timer and none a chunk: a limit
 * that ends after the timer is due is looked at when it fires, so that most phases set none.
 */
export class Watchdog {
  readonly #timeouts: ExchangeTimeouts
  readonly #onTimeout: (code: TransportFailureCode, detail: string) => void
  readonly #totalEndsAt: number
  #phase: Phase = 'connecting'
  #phaseEndsAt = Infinity
  #timer: NodeJS.Timeout | undefined
  #firesAt = Infinity
  #lastByteAt = 0
  #isPaused = false
  #isOver = false

  /** @param onTimeout - called at most once */
  constructor(timeouts: ExchangeTimeouts, onTimeout: (code: TransportFailureCode, detail: string) => void) {
    const { totalMs } = timeouts
    this.#timeouts = timeouts
    this.#onTimeout = onTimeout
    this.#totalEndsAt = totalMs === 0 ? Infinity : performance.now() + totalMs
  }

  startConnecting(): void {
    this.#start('connecting', this.#connectLimitMs())
  }

  startHeaders(): void {
    this.#start('headers', this.#timeouts.headersMs)
  }

  startBody(): void {
    this.sawBytes()
    this.#start('body', this.#timeouts.idleMs)
  }

  /** Called for each read: only notes the time. */
  sawBytes(): void {
    this.#lastByteAt = performance.now()
  }

  /** The caller does not want bytes: silence is not the upstream's fault now. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.sawBytes()
  }

  end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #connectLimitMs(): number {
    const { connectMs } = this.#timeouts
    return connectMs === 0 ? 0 : connectMs + CONNECT_GRACE_MS
  }

  /** Takes the place of the phase before. @param limitMs - 0 = none */
  #start(phase: Phase, limitMs: number): void {
    this.#phase = phase
    this.#phaseEndsAt = limitMs === 0 ? Infinity : performance.now() + limitMs
    this.#arm()
  }

  #arm(): void {
    const endsAt = Math.min(this.#phaseEndsAt, this.#totalEndsAt)
    if (this.#isOver || endsAt >= this.#firesAt) return
    clearTimeout(this.#timer)
    this.#firesAt = endsAt
    this.#timer = setTimeout(() => this.#look(), Math.ceil(endsAt - performance.now()))
  }

  #look(): void {
    this.#firesAt = Infinity
    const now = performance.now()
    if (now >= this.#totalEndsAt) {
      return this.#onTimeout('total-timeout', `was not complete within ${this.#timeouts.totalMs} ms`)
    }
    if (now >= this.#phaseEndsAt) this.#endPhase(now)
    this.#arm()
  }

  #endPhase(now: number): void {
    this.#phaseEndsAt = Infinity
    const { headersMs } = this.#timeouts
    switch (this.#phase) {
      case 'connecting':
        return this.#onTimeout('connect-timeout', `took over ${this.#connectLimitMs()} ms to connect`)
      case 'headers':
        return this.#onTimeout('headers-timeout', `sent no response headers within ${headersMs} ms`)
      case 'body':
        return this.#checkSilence(now)
    }
  }

  /** Looked at only when the limit is over, for what is left of it then. */
  #checkSilence(now: number): void {
    const { idleMs } = this.#timeouts
    const silentMs = now - this.#lastByteAt
    if (this.#isPaused) this.#start('body', idleMs)
    else if (silentMs < idleMs) this.#start('body', idleMs - silentMs)
    else this.#onTimeout('idle-timeout', `sent nothing for ${idleMs} ms in the middle of its answer`)
  }
}
