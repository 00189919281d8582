import { statusOf } from './failure/kinds.ts'
import type { ErrorKind, Failure } from './model/failure.ts'
import type { JsonObject } from './model/json.ts'
import type { Loss } from './model/loss.ts'

interface ConversionErrorInit {
  /** JSON Pointer to the culprit in the client's body. */
  readonly param?: string | undefined
  /** Anthropic `error.details`. */
  readonly details?: JsonObject | undefined
  /** `false` where another try would end in the same way. */
  readonly shouldRetry?: boolean | undefined
  /** HTTP status, where a rule asks for one that is not its kind's own. */
  readonly status?: number | undefined
  readonly losses?: readonly Loss[]
  readonly cause?: unknown
}

/**
 * A body that cannot be converted. `kind` decides status and wording in the client's format; `message` is fit to be
 * shown to the client. Across package copies ask {@link ConversionError.is} instead of `instanceof`.
 */
export class ConversionError extends Error {
  override readonly name = 'ConversionError'
  readonly kind: ErrorKind
  readonly param: string | undefined
  readonly details: JsonObject | undefined
  readonly shouldRetry: boolean | undefined
  readonly losses: readonly Loss[]
  /** HTTP status of the kind, or the one that a rule asks for. */
  readonly status: number
  /** The status that a rule asks for; else clients of some formats are told another one than `status`. */
  readonly ruledStatus: number | undefined

  constructor(kind: ErrorKind, message: string, init: ConversionErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause })
    this.kind = kind
    this.param = init.param
    this.details = init.details
    this.shouldRetry = init.shouldRetry
    this.losses = init.losses ?? []
    this.status = init.status ?? statusOf(kind)
    this.ruledStatus = init.status
  }

  /** An error that names its place in the client's body. */
  static at(path: string, kind: ErrorKind, message: string): ConversionError {
    return new ConversionError(kind, `${path}: ${message}`, { param: path })
  }

  /** Trouble as data, thrown. */
  static of({ kind, message, param, details, shouldRetry }: Failure): ConversionError {
    return new ConversionError(kind, message, { param, details, shouldRetry })
  }

  static is(error: unknown): error is ConversionError {
    return error instanceof Error && error.name === 'ConversionError' && 'kind' in error
  }
}

/** The reverse of {@link ConversionError.of}; also for an error of another copy of this package. */
export function failureOfError({ kind, message, param, details, shouldRetry }: ConversionError): Failure {
  return { kind, message, param, details, shouldRetry }
}
