import { convertError, type Failure } from '@relay/format-converter'

import { memberOf } from '../member-of.ts'

/** The failure that an answer of status 200, or an event of one, states in the place of a result. */
export function statedFailure(value: unknown): Failure | undefined {
  const isError = memberOf(value, 'type') === 'error' || (memberOf(value, 'error') ?? null) !== null
  if (!isError) return undefined
  return convertError({ from: 'openai-chat', to: 'openai-chat', status: 200, body: value }).failure
}
