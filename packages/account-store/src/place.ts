/** What can go on: a conversation, a message thread of the vendor, a response that an upstream keeps. */
export type PlaceKind = 'session' | 'thread' | 'response'

/** Something that goes on, and where. */
export interface PlaceInput {
  readonly kind: PlaceKind
  /** What it goes by; only a digest of it is kept. */
  readonly name: string
  /** The relay key that it was begun with. */
  readonly keyId: string
  /** The account that serves it. */
  readonly accountId: string
  /** How long it is remembered, milliseconds. */
  readonly ttlMs: number
}

/** Where something goes on. */
export interface Place {
  readonly keyId: string
  readonly accountId: string
  /** Milliseconds since the epoch. */
  readonly endsAt: number
}

/** So long a place may be remembered, milliseconds. */
export const MAX_PLACE_TTL_MS: number = 30 * 24 * 60 * 60_000
