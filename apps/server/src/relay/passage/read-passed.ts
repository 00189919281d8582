import type { Failure } from '@relay/format-converter'

import { memberOf } from '../member-of.ts'
import { statedFailure } from './stated-failure.ts'

/** What is looked at of a whole answer that passes as it came. */
export interface PassedFacts {
  /** Why the body is no answer: half of one, or an error in the place of one. */
  readonly failure: Failure | undefined
  readonly usage: unknown
  readonly model: unknown
}

const NOT_JSON: Failure = { kind: 'upstream_protocol', message: 'the upstream answered with JSON that cannot be read' }

/** @param body - JSON, as far as its content type tells */
export function readPassed(body: Uint8Array): PassedFacts {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
  } catch {
    return { failure: NOT_JSON, usage: undefined, model: undefined }
  }
  return { failure: statedFailure(value), usage: usageIn(value), model: memberOf(value, 'model') }
}

/** Cohere’s rerank, and those that speak like it, tell their tokens in `meta`. */
function usageIn(value: unknown): unknown {
  return memberOf(value, 'usage') ?? memberOf(memberOf(value, 'meta'), 'tokens')
}
