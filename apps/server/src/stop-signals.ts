/** Watches for the signals that ask a process to stop. */
export interface StopSignals {
  /** Settles with the first one. */
  readonly first: Promise<NodeJS.Signals>
  /** Stops watching. */
  release(): void
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
/** SIGHUP, too: Node ends at one whatever `nohup` has asked for, and running requests would be cut. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * The first signal is reported; a second one ends the process at once, unless it is the terminal that goes: it tells every
 * process of it, and each tells its children.
 */
export function watchStopSignals(): StopSignals {
  const first = Promise.withResolvers<NodeJS.Signals>()
  let isStopping = false

  function note(signal: (typeof STOP_SIGNALS)[number]): void {
    if (isStopping && signal === 'SIGHUP') return
    if (isStopping) process.exit(128 + SIGNAL_NUMBERS[signal]) // as shells report it
    isStopping = true
    first.resolve(signal)
  }

  for (const signal of STOP_SIGNALS) process.on(signal, note)
  return {
    first: first.promise,
    release: () => {
      for (const signal of STOP_SIGNALS) process.off(signal, note)
    },
  }
}
