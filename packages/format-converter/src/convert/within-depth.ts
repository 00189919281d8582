import { ConversionError } from '../conversion-error.ts'
import type { Failure } from '../model/failure.ts'

/** An answer that is nested so deeply that the stack overflows where it is walked. */
export const DEEP_ANSWER: Failure = { kind: 'overflow', message: 'the answer of the upstream is nested too deeply' }

export const DEEP_REQUEST: Failure = { kind: 'invalid_request', message: 'the body is nested too deeply' }

/**
 * Runs what walks a foreign body: too deep nesting shows as a RangeError wherever it overflows the stack.
 *
 * @throws ConversionError of the failure
 */
export function withinDepth<Result>(failure: Failure, walk: () => Result): Result {
  try {
    return walk()
  } catch (error) {
    throw error instanceof RangeError ? new ConversionError(failure.kind, failure.message, { cause: error }) : error
  }
}
