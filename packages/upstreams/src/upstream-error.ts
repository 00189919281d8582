/** What an {@link UpstreamError} is about. */
export type UpstreamErrorCode =
  /** The account asks for an API format that this version cannot send. */
  /** No base URL is known for this account and format. */
  | 'base-url-missing'
  /** A base URL cannot be used: not a URL, wrong scheme, credentials or a fragment in it. */
  | 'base-url-invalid'
  /** An address or rule of the network guard's allow-list cannot be read. */
  | 'allow-rule-invalid'
  /** The address of an account's proxy cannot be used. */
  | 'proxy-invalid'
  /** An extra header of an account is not allowed or not valid. */
  | 'header-invalid'
  /** A whole answer is bigger than the caller's limit. */
  | 'answer-too-large'

const MARK = Symbol.for('@relay/upstreams/UpstreamError')

/** A broken promise of the caller or the operator; trouble on the wire is a {@link TransportFailure} instead. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  readonly code: UpstreamErrorCode

  constructor(code: UpstreamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, MARK, { value: true })
  }

  /** Recognises the class across two loaded copies of this package. */
  static is(value: unknown): value is UpstreamError {
    return typeof value === 'object' && value !== null && MARK in value
  }
}
