import { StoreError } from '@relay/account-store'
import { ConversionError, type ErrorKind, type Failure } from '@relay/format-converter'

import { isMissingFile } from './program-files.ts'

interface ServerErrorInit extends Omit<Failure, 'kind' | 'message'> {
  /** HTTP status where the kind's own does not say it exactly (405, 415, 431). */
  readonly status?: number
  /** Further answer headers, lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that Relay itself refuses or cannot serve; written to the client in its own format. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly failure: Failure
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(kind: ErrorKind, message: string, init: ServerErrorInit = {}) {
    super(message)
    const { status, headers, ...rest } = init
    this.failure = { kind, message, ...rest }
    this.status = status
    this.headers = headers ?? {}
  }

  static is(error: unknown): error is ServerError {
    return error instanceof ServerError
  }
}

/** A client must never believe that its key is wrong because the store cannot be asked. */
const STORE_AWAY: Failure = {
  kind: 'overloaded',
  message: 'the store cannot be used right now; try again',
  retryAfterMs: 1_000,
}

const FILES_AWAY: Failure = {
  kind: 'overloaded',
  message: 'files of Relay were taken away or replaced while it runs: start it again',
}

/** What went wrong, as data; unknown errors show nothing of themselves. */
export function failureOf(error: unknown): Failure {
  if (ServerError.is(error)) return error.failure
  if (StoreError.is(error)) return STORE_AWAY
  if (isMissingFile(error)) return FILES_AWAY
  if (ConversionError.is(error)) {
    const { kind, message, param, details, shouldRetry } = error
    return { kind, message, param, details, shouldRetry }
  }
  return { kind: 'internal', message: 'Relay met an unexpected error; its log has the details under this request id' }
}
