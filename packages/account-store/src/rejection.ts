/** A request of a known key that was not let in. */
export interface Rejection {
  readonly keyId: string
  /** A short word, such as `concurrency`, `requests`, `cost`, `model` or `address`; 1 to 50 characters. */
  readonly reason: string
}

/** Which rejections are meant; to the hour. */
export interface RejectionFilter {
  readonly keyId?: string | undefined
  /** Milliseconds since the epoch. */
  readonly from?: number | undefined
  /** Milliseconds since the epoch. */
  readonly before?: number | undefined
}

/** How often a reason met. */
export interface RejectionCount {
  readonly reason: string
  readonly count: number
}
