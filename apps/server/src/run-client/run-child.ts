import { spawn } from 'node:child_process'
import { constants } from 'node:os'

import { EXIT_CODES, ExitError } from '../exit-error.ts'

/** A program on this terminal. */
export interface ChildStart {
  readonly program: string
  readonly words: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** What would end us while the child still runs. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/**
 * Runs a program on our own terminal; signals go to it and not to us.
 *
 * @returns its exit code; 128 + the number of the signal that ended it, as shells say it
 * @throws ExitError when there is no such program
 */
export function runChild({ program, words, environment }: ChildStart): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const child = spawn(program, words, {
    env: environment,
    stdio: 'inherit',
    shell: process.platform === 'win32', // commands of npm are scripts there
  })
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal has sent its own keys' signals to the child already, and a second one may mean "at once".
    const isOfTerminal = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT')
    if (!isOfTerminal) child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, forward)
  child.on('error', (error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'is not installed, or not on the PATH' : `cannot be started (${error.code})`
    reject(new ExitError(EXIT_CODES.failed, `${program} ${why}`))
  })
  child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  return promise.finally(() => {
    for (const signal of SIGNALS) process.off(signal, forward)
  })
}
