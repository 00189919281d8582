import type { FormatName, ProfileOverrides } from '@relay/format-converter'

/** One request and what its upstream answered, without secrets; bodies as the bytes they were. */
export interface CapturedExchange {
  readonly requestId: string
  readonly startedAt: number
  readonly clientFormat: FormatName
  readonly upstreamFormat: FormatName
  /** As the client asked for it. */
  readonly model: string
  /** As it was sent. */
  readonly upstreamModel: string
  readonly isStream: boolean
  readonly accountId: string
  readonly accountName: string
  /** The account's choice of preset and flags when the request came. */
  readonly profile: ProfileOverrides
  /** Headers of the client that say nothing about who it is. */
  readonly clientHeaders: Readonly<Record<string, string>>
  readonly request: Uint8Array
  /** What went to the upstream. */
  readonly sent: Uint8Array
  /** 0 when the upstream did not answer. */
  readonly status: number
  readonly contentType: string | undefined
  readonly answer: Uint8Array
  /** A part was larger than is kept: it ends early. */
  readonly isCut: boolean
}

/** As it is sealed; bytes are base64, so that none of them changes. */
interface WrittenCapture extends Omit<CapturedExchange, 'request' | 'sent' | 'answer'> {
  readonly version: 1
  readonly request: string
  readonly sent: string
  readonly answer: string
}

/** One text for the store. */
export function writeCapture({ request, sent, answer, ...facts }: CapturedExchange): string {
  const bodies = { request: toBase64(request), sent: toBase64(sent), answer: toBase64(answer) }
  return JSON.stringify({ version: 1, ...facts, ...bodies } satisfies WrittenCapture)
}

/** `undefined` for a capture of another version. */
export function readCapture(text: string): CapturedExchange | undefined {
  const written = JSON.parse(text) as WrittenCapture // written by this file and sealed since
  if (written.version !== 1) return undefined
  const { version: _version, request, sent, answer, ...facts } = written
  return {
    ...facts,
    request: Buffer.from(request, 'base64'),
    sent: Buffer.from(sent, 'base64'),
    answer: Buffer.from(answer, 'base64'),
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
