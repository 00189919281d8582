/** Largest part of a capture that is kept, in bytes; what is longer ends early and says so. */
export const MAX_PART_BYTES: number = 1024 * 1024

/** Watches one attempt; every call is cheap, and nothing is written before the end. */
export interface Recording {
  /** The upstream's head. */
  seeHead(status: number, contentType: string | undefined): void
  /** Bytes of its answer, in order. The chunk is copied. */
  seeBytes(chunk: Uint8Array): void
  /** The attempt is over, whatever became of it. Counts once. */
  keep(): void
}

/** What a recording has seen. */
export interface RecordedBodies {
  readonly request: Uint8Array
  readonly sent: Uint8Array
  readonly status: number
  readonly contentType: string | undefined
  readonly answer: Uint8Array
  readonly isCut: boolean
}

/** What is known before the upstream answers. */
export interface RecordingStart {
  readonly request: Uint8Array
  readonly sent: Uint8Array | string
}

/** Begins a recording. */
export function createRecording(onKeep: (seen: RecordedBodies) => void, { request, sent }: RecordingStart): Recording {
  const chunks: Uint8Array[] = []
  const sentBytes = typeof sent === 'string' ? Buffer.from(sent) : sent
  let bytes = 0
  let isCut = Math.max(request.length, sentBytes.length) > MAX_PART_BYTES
  let isKept = false
  let head: { readonly status: number; readonly contentType: string | undefined } = {
    status: 0,
    contentType: undefined,
  }

  return {
    seeHead: (status, contentType) => {
      head = { status, contentType }
    },
    seeBytes: (chunk) => {
      const room = MAX_PART_BYTES - bytes
      if (chunk.length > room) isCut = true
      if (room <= 0) return
      const kept = Uint8Array.from(chunk.subarray(0, room))
      bytes += kept.length
      chunks.push(kept)
    },
    keep: () => {
      if (isKept) return
      isKept = true
      onKeep({
        ...head,
        request: request.subarray(0, MAX_PART_BYTES),
        sent: sentBytes.subarray(0, MAX_PART_BYTES),
        answer: Buffer.concat(chunks.splice(0)),
        isCut,
      })
    },
  }
}
