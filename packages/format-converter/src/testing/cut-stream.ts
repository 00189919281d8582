/** A stream in the pieces in which it arrives. */
export type Pieces = readonly Uint8Array[]

const SEED = 20_261_123
const RANDOM_CUTS = 200
const SMALL_BYTES = 2048

/**
 * The hostile ways to cut a stream: at every single place for small ones; byte by byte and at 200 seeded random sets of
 * places for larger ones.
 */
export function everyCut(bytes: Uint8Array): Pieces[] {
  const byByte = cutAt(
    bytes,
    Array.from({ length: bytes.length - 1 }, (_, index) => index + 1),
  )
  if (bytes.length <= SMALL_BYTES) {
    return [byByte, ...Array.from({ length: bytes.length - 1 }, (_, index) => cutAt(bytes, [index + 1]))]
  }
  const random = seededRandom(SEED)
  const cuts = Array.from({ length: RANDOM_CUTS }, () => {
    const places = Array.from(
      { length: 1 + Math.floor(random() * 20) },
      () => 1 + Math.floor(random() * (bytes.length - 1)),
    )
    return cutAt(
      bytes,
      [...new Set(places)].toSorted((left, right) => left - right),
    )
  })
  return [byByte, ...cuts]
}

function cutAt(bytes: Uint8Array, places: readonly number[]): Pieces {
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
}

/** Small linear congruential generator: the same cuts in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** The same stream with CRLF for every line end, which the specification allows too. */
export function withCrlf(stream: string): string {
  return stream.replace(/\r\n|\n|\r/g, '\r\n')
}

/** The same stream with a comment before every event, as keep-alives come. */
export function withComments(stream: string): string {
  return stream
    .split('\n\n')
    .map((frame) => (frame === '' ? '' : `: keep-alive\n\n${frame}`))
    .join('\n\n')
}
