/** Of an error body, this much is read. */
export const MAX_ERROR_BYTES = 64 * 1024

/** The beginning of an upstream's error body. */
export interface ErrorBody {
  /** @returns false when there is no more room: what came so far is enough */
  add(chunk: Uint8Array): boolean
  text(): string
}

export function createErrorBody(): ErrorBody {
  const chunks: Uint8Array[] = []
  let bytes = 0
  return {
    add: (chunk) => {
      chunks.push(chunk)
      bytes += chunk.length
      return bytes < MAX_ERROR_BYTES
    },
    text: () => Buffer.concat(chunks).subarray(0, MAX_ERROR_BYTES).toString('utf8'),
  }
}
