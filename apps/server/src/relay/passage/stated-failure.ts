import { convertError, type Failure } from '@relay/format-converter'

/** The failure that an answer of status 200, or an event of one, states in the place of a result. */
export function statedFailure(value: unknown): Failure | undefined {
  const isError = memberOf(value, 'type') === 'error' || (memberOf(value, 'error') ?? null) !== null
  if (!isError) return undefined
  return convertError({ from: 'openai-chat', to: 'openai-chat', status: 500, body: value }).failure
}

/** A member of a foreign value, where that is an object which has it. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}
