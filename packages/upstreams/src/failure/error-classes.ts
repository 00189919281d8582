import type { ErrorKind } from '@relay/format-converter'

import type { UpstreamHeaders } from '../send/upstream-call.ts'

/** Classes into which an account's own rules may put answers, and what each means. */
export const errorClasses: Readonly<Record<string, ErrorKind>> = {
  /** The account rests until it may be asked again. */
  'rate-limited': 'rate_limit',
  overloaded: 'overloaded',
  'server-error': 'internal',
  timeout: 'timeout',
  /** A person has to look at the account. */
  'credential-refused': 'upstream_auth',
  'quota-used-up': 'upstream_quota',
  /** Another account may serve it. */
  'model-unknown': 'not_found',
  unsupported: 'unsupported_feature',
  /** The request's own fault: it is told to the client. */
  'bad-request': 'invalid_request',
  'context-too-long': 'context_too_long',
  'content-refused': 'content_policy',
}

/** One rule of an account; all conditions that are there must hold. */
export interface ErrorClassRule {
  readonly status?: number | undefined
  /** Text that the body holds, whatever its case. */
  readonly body?: string | undefined
  readonly header?: { readonly name: string; readonly value?: string | undefined } | undefined
  readonly class: string
}

/** An upstream's error answer. */
export interface ErrorAnswer {
  readonly status: number
  /** The body, or its beginning. */
  readonly text: string
  readonly headers: UpstreamHeaders
}

/**
 * What an account's own rules make of an error answer.
 *
 * @returns `undefined` when none fits; a class that is not known fits nothing
 */
export function classByRules(rules: readonly ErrorClassRule[], answer: ErrorAnswer): ErrorKind | undefined {
  const fitting = rules.find((rule) => Object.hasOwn(errorClasses, rule.class) && fits(rule, answer))
  return fitting === undefined ? undefined : errorClasses[fitting.class]
}

function fits({ status, body, header }: ErrorClassRule, answer: ErrorAnswer): boolean {
  if (status !== undefined && status !== answer.status) return false
  if (body !== undefined && !holds(answer.text, body)) return false
  if (header === undefined) return true
  const value = answer.headers.get(header.name.toLowerCase())
  return value !== undefined && (header.value === undefined || holds(value, header.value))
}

function holds(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase())
}
