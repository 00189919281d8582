import { EXIT_CODES } from './exit-error.ts'
import type { ExitCode } from './exit-error.ts'
import type { Log } from './observe/log.ts'

/** Sees what nobody has caught. */
export interface CrashWatch {
  /** Settles when an exception was caught by nobody: the state of the process is unsure. */
  readonly first: Promise<ExitCode>
  release(): void
}

/** A forgotten rejection ends one request at most and is logged; an uncaught exception ends the process, gently. */
export function watchCrashes(log: Log): CrashWatch {
  const first = Promise.withResolvers<ExitCode>()
  const onException = (error: unknown): void => {
    log.fatal({ error }, 'uncaught exception; stopping')
    first.resolve(EXIT_CODES.failed)
  }
  const onRejection = (error: unknown): void => log.error({ error }, 'a rejection was not handled')
  process.on('uncaughtException', onException)
  process.on('unhandledRejection', onRejection)
  return {
    first: first.promise,
    release: () => {
      process.off('uncaughtException', onException)
      process.off('unhandledRejection', onRejection)
    },
  }
}
