/**
 * How the process ends; scripts may choose by it.
 *
 * - `ok`: everything was done.
 * - `failed`: it was tried and did not work, or the settings were refused.
 * - `usage`: the command was called in a way it does not know.
 * - `store`: the data set cannot be opened (damaged, another key, a newer version).
 * - `address`: the port cannot be listened on.
 */
export const EXIT_CODES = { ok: 0, failed: 1, usage: 2, store: 3, address: 4 } as const

/** One of {@link EXIT_CODES}. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]

/** Expected trouble that ends the process: the message is for the person at the terminal. */
export class ExitError extends Error {
  override readonly name = 'ExitError'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}
