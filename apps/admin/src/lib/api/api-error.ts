import type { AdminErrorBody, AdminErrorCode, FieldRule } from '@relay/server/admin-contract'

/** What the server says went wrong, or what went wrong on the way to it. */
export type ApiErrorCode = AdminErrorCode | 'unreachable' | 'too-slow' | 'unreadable-answer' | 'work-failed'

/** Why a call of the admin API came to nothing. The panel has its own words for each code. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ApiErrorCode
  /** The field of the input that is wrong, where the server named one. */
  readonly field: string | undefined
  /** Which rule it breaks, where that is one of the usual ones. */
  readonly rule: FieldRule | undefined
  /** How long to wait before the next try makes sense. */
  readonly retryAfterMs: number | undefined

  constructor(code: ApiErrorCode, details?: Partial<AdminErrorBody['error']>) {
    super(details?.message ?? code)
    this.code = code
    this.field = details?.field
    this.rule = details?.rule
    this.retryAfterMs = details?.retryAfterMs
  }

  /** Makes an `ApiError` of anything that was thrown. */
  static from(error: unknown): ApiError {
    if (error instanceof ApiError) return error
    return new ApiError(isTimeout(error) ? 'too-slow' : 'unreachable')
  }
}

/** What `AbortSignal.timeout` gives as its reason. */
function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError'
}
