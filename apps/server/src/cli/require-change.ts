import { usageError } from './usage-error.ts'

/**
 * An edit that names nothing to change is a slip, and saying that something was changed would hide it.
 *
 * @throws ExitError
 */
export function requireChange(change: object, command: string): void {
  if (Object.values(change).some((value) => value !== undefined)) return
  throw usageError(`nothing was given that is to change; \`${command} --help\` lists what can`)
}
