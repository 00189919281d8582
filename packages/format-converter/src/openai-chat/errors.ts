import type { Failure } from '../model/failure.ts'
import { encodeError } from '../wire/openai-errors.ts'

/** The one event that ends a broken Chat stream; neither a finish chunk nor `[DONE]` follows it. */
export function encodeStreamError(failure: Failure): string {
  return `data: ${JSON.stringify(encodeError(failure).body)}\n\n`
}
