import type { Direction } from '../baselines/plain-converters.ts'

/** A stream of an upstream's bytes to the client's, as a peer converts it. */
export type PeerStream = (
  upstream: ReadableStream<Uint8Array>,
) => ReadableStream<Uint8Array | string> | Promise<ReadableStream<Uint8Array | string>>

/** A client's parsed body to the upstream's. */
export type PeerRequest = (body: object) => unknown

/** Another library that converts between the formats. */
export interface Peer {
  /** Package and version. */
  readonly name: string
  /** @returns `undefined` when it has no such function */
  stream(direction: Direction): PeerStream | undefined
  request(direction: Direction): PeerRequest | undefined
}
