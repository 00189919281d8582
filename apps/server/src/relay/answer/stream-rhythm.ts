/** The times that a client can rely on, in milliseconds. */
export interface StreamRhythm {
  /** How long status and headers wait for something meaningful after the upstream accepted the request. */
  readonly gateMs: number
  /** A client hears something at least this often while the upstream thinks. */
  readonly keepAliveMs: number
  /** How long an answer that lacks nothing but its last word waits for it, and for usage, while nothing comes. */
  readonly lastWordMs: number
  /** How long the upstream may take to close after its answer is complete, before its socket is taken away. */
  readonly lingerMs: number
  /** How long the words of a refusal may take, before what has come of them has to do. */
  readonly refusalMs: number
  /** How long a client may take nothing of an answer that waits for it. */
  readonly unreadMs: number
}

/** The rhythm of `reliability` 3.1 to 3.3. */
export const STREAM_RHYTHM: StreamRhythm = {
  gateMs: 10_000,
  keepAliveMs: 10_000,
  lastWordMs: 3_000,
  lingerMs: 1_000,
  refusalMs: 5_000,
  unreadMs: 120_000,
}
