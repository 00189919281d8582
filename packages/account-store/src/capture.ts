/** Longest time a key's requests are captured after one decision: a day. */
export const MAX_CAPTURING_MS: number = 24 * 3_600_000
/** Longest life of a capture: thirty days. */
export const MAX_CAPTURE_TTL_MS: number = 30 * 24 * 3_600_000
/** Most requests that are captured after one decision. */
export const MAX_CAPTURES: number = 500
/** Largest body of a capture; a longer one is refused. */
export const MAX_CAPTURE_CHARACTERS: number = 8 * 1024 * 1024

/** Asks for the next requests of a key to be captured. Asking again begins anew. */
export interface CapturingInput {
  readonly keyId: string
  /** It ends by itself after this time; at most {@link MAX_CAPTURING_MS}. */
  readonly durationMs: number
  /** It ends by itself after so many; at most {@link MAX_CAPTURES}. */
  readonly maxCaptures: number
  /** Name of whoever decided it. */
  readonly startedBy: string
}

/** Requests of a key are being captured. */
export interface Capturing {
  readonly keyId: string
  readonly startedAt: number
  readonly endsAt: number
  readonly startedBy: string
  /** How many more may come; never 0. */
  readonly remaining: number
}

/** One request and what its upstream answered, to keep. */
export interface CaptureInput {
  readonly requestId: string
  readonly keyId: string
  /** Opaque to the store, without secrets; sealed before it is written. At most {@link MAX_CAPTURE_CHARACTERS}. */
  readonly body: string
  /** How long it is kept, in milliseconds; at most {@link MAX_CAPTURE_TTL_MS}. */
  readonly ttlMs: number
}

/** A capture that is there, without what is in it. */
export interface CaptureEntry {
  readonly requestId: string
  readonly keyId: string
  readonly createdAt: number
  readonly expiresAt: number
  /** Size at rest. */
  readonly bytes: number
}

/** A capture with what is in it. */
export interface Capture extends CaptureEntry {
  readonly body: string
}
