import type { Failure } from '@relay/format-converter'

import { memberOf } from '../member-of.ts'
import { statedFailure } from './stated-failure.ts'

/** What is looked at of a whole answer that passes as it came. */
export interface PassedFacts {
  readonly isJson: boolean
  /** It reads like an event of a completion's stream, and that stream's only one. */
  readonly isCompletion: boolean
  /** Why the body is no answer: half of one, or an error in the place of one. */
  readonly failure: Failure | undefined
  readonly usage: unknown
  readonly model: unknown
}

const NOT_JSON: Failure = { kind: 'upstream_protocol', message: 'the upstream answered with JSON that cannot be read' }

/** @param body - JSON, as far as its content type or its beginning tells */
export function readPassed(body: Uint8Array): PassedFacts {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
  } catch {
    return { isJson: false, isCompletion: false, failure: NOT_JSON, usage: undefined, model: undefined }
  }
  return {
    isJson: true,
    isCompletion: Array.isArray(memberOf(value, 'choices')),
    failure: statedFailure(value),
    usage: usageIn(value),
    model: memberOf(value, 'model'),
  }
}

/** The first bytes tell it, whatever the content type says. */
export function beginsLikeJson(body: Uint8Array): boolean {
  return /^\s*\{/.test(Buffer.from(body.subarray(0, 64)).toString('latin1'))
}

/** Cohere’s rerank, and those that speak like it, tell their tokens in `meta`. */
function usageIn(value: unknown): unknown {
  return memberOf(value, 'usage') ?? memberOf(memberOf(value, 'meta'), 'tokens')
}
