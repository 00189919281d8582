import type { FieldRule } from '@relay/server/admin-contract'

import type { ApiError } from '#lib/api/api-error.ts'

import { i18n } from './i18n.svelte.ts'
import { told } from './told.svelte.ts'

/** Says in the reader's language what went wrong, with the time to wait or the input that is wrong where the server named one. */
export function describeProblem(problem: ApiError): string {
  const { code, retryAfterMs, message } = problem
  const { errors } = i18n.text
  if (code === 'invalid-request') return describeInput(problem)
  if (code === 'work-failed' && message !== code) return `${errors[code]} ${told('workTrouble', message)}`
  if (code !== 'too-many-attempts' || retryAfterMs === undefined) return errors[code]
  return errors.waitFor(i18n.format.duration(Math.max(1, Math.ceil(retryAfterMs / 1000)) * 1000))
}

/** What the field has to be; rules that few fields have are told in the server's words. */
export function describeField({ rule, field, message }: ApiError): string {
  if (rule === undefined || field === undefined) return message
  return i18n.text.errors.ofField(field, i18n.text.errors.rules[rule.code](writeBounds(rule), rule.value ?? ''))
}

function describeInput(problem: ApiError): string {
  const general = i18n.text.errors['invalid-request']
  return problem.message === problem.code ? general : `${general} ${describeField(problem)}`
}

function writeBounds({ min, max }: FieldRule): string {
  const { between, atLeast, atMost } = i18n.text.errors
  const { count } = i18n.format
  if (min === undefined) return max === undefined ? '' : atMost(count(max))
  return max === undefined ? atLeast(count(min)) : between(count(min), count(max))
}
