import { knownTimeZone } from '../config/time-zone.ts'
import { usageError } from './usage-error.ts'

/**
 * The time zone of `--time-zone`, as this machine writes it.
 *
 * @param example - one that users of the command may mean
 * @throws ExitError where it is none
 */
export function requireTimeZone(name: string, example: string): string {
  const zone = knownTimeZone(name)
  if (zone !== undefined) return zone
  throw usageError(
    `--time-zone is ${JSON.stringify(name)}, which is not the IANA name of a time zone such as ${example}`,
  )
}
