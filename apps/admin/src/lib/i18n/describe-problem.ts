import type { ApiError } from '#lib/api/api-error.ts'

import { i18n } from './i18n.svelte.ts'

/** Says in the reader's language what went wrong, with the time to wait or the input that is wrong where the server named one. */
export function describeProblem({ code, retryAfterMs, message }: ApiError): string {
  const { errors } = i18n.text
  if ((code === 'invalid-request' || code === 'work-failed') && message !== code) return `${errors[code]} ${message}`
  if (code !== 'too-many-attempts' || retryAfterMs === undefined) return errors[code]
  return errors.waitFor(i18n.format.duration(Math.max(1, Math.ceil(retryAfterMs / 1000)) * 1000))
}
