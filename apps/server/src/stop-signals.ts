/** Watches for the signals that ask a process to stop. */
export interface StopSignals {
  /** Settles with the first one. */
  readonly first: Promise<NodeJS.Signals>
  /** Stops watching. */
  release(): void
}

const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const
/** Not SIGHUP: a handler of our own would undo `nohup`. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** The first signal is reported; a second one ends the process at once. */
export function watchStopSignals(): StopSignals {
  const first = Promise.withResolvers<NodeJS.Signals>()
  let isStopping = false

  function note(signal: (typeof SIGNALS)[number]): void {
    if (isStopping) process.exit(128 + SIGNAL_NUMBERS[signal]) // as shells report it
    isStopping = true
    first.resolve(signal)
  }

  for (const signal of SIGNALS) process.on(signal, note)
  return {
    first: first.promise,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, note)
    },
  }
}
