import { EXIT_CODES, ExitError } from '../exit-error.ts'

/** The command line says something that the command does not know. */
export function usageError(message: string): ExitError {
  return new ExitError(EXIT_CODES.usage, message)
}
