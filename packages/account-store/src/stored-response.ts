/** Names a response of a relay key; nobody else's key finds it. */
export interface ResponsePlace {
  readonly keyId: string
  /** As the client knows it. */
  readonly id: string
}

/** A response to keep, so that its client can go on from it. */
export interface ResponseInput extends ResponsePlace {
  /** Opaque to the store; sealed before it is written. At most {@link MAX_RESPONSE_CHARACTERS}. */
  readonly body: string
  /** Ids of the items by which it can be found; at most 1,000 of at most 200 characters. */
  readonly itemIds: readonly string[]
  /** How long it is kept, in milliseconds. */
  readonly ttlMs: number
  /** Bytes at rest that all responses of the key may have together: the oldest go until they fit. */
  readonly maxKeyBytes: number
}

/** A response that is still there. */
export interface StoredResponse extends ResponsePlace {
  readonly body: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Largest body of a response; a longer one is refused. */
export const MAX_RESPONSE_CHARACTERS: number = 16 * 1024 * 1024
