import { parseBody } from '@relay/format-converter'

import { EXIT_CODES, ExitError } from '../exit-error.ts'
import { jsonTrouble } from '../relay/request/json-trouble.ts'
import { usageError } from './usage-error.ts'

/**
 * The JSON that standard input was, and that is no stream. Nothing of it is quoted.
 *
 * @throws ExitError where it is none
 */
export function parseInput(text: string): unknown {
  try {
    return parseBody(text)
  } catch (error) {
    const trouble = `standard input is neither JSON nor a stream of events: ${jsonTrouble(error)}`
    throw new ExitError(EXIT_CODES.failed, trouble)
  }
}

/** @param way - what helps where it is an object, as every body is */
export function unknownInput(body: unknown, way: string): ExitError {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return usageError(`standard input is a JSON object that could be anything; ${way}`)
  const kind = Array.isArray(body) ? 'an array' : 'a single value'
  return usageError(`standard input is ${kind}; give it one JSON object, or a stream of events`)
}
