import { endedBy } from './ended-by.ts'
import type { Sender, UpstreamHeaders, UpstreamRequest, WholeOptions, WholeResult } from './upstream-call.ts'

const MAX_BYTES = 64 * 1024 * 1024
const MAX_ERROR_BYTES = 64 * 1024
const MAX_ERROR_MS = 5_000

/** Reads an answer to its end, within limits that count decoded bytes. */
export function readWhole(
  sender: Pick<Sender, 'send'>,
  request: UpstreamRequest,
  options: WholeOptions = {},
): Promise<WholeResult> {
  const { maxBytes = MAX_BYTES, maxErrorBytes = MAX_ERROR_BYTES, maxErrorMs = MAX_ERROR_MS, signal } = options
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let bytes = 0
    let status = 0
    let headers: UpstreamHeaders = new Map()
    let errorTimer: NodeJS.Timeout | undefined

    function settle(result: WholeResult): void {
      clearTimeout(errorTimer)
      signal?.removeEventListener('abort', abort)
      resolve(result) // only the first call counts
    }

    function succeed(): void {
      settle({ ok: true, answer: { status, headers, body: joined(chunks) } })
    }

    function overflow(): void {
      if (isRefusal()) succeed()
      const message = `the upstream sent a bigger answer than ${maxBytes} bytes`
      settle({ ok: false, failure: { code: 'too-large', message, hasHeaders: true } })
      call.abort()
    }

    /** Of a refusal, the status and the beginning of its words are enough. */
    function isRefusal(): boolean {
      return status !== 0 && (status < 200 || status >= 300)
    }

    function giveUpWords(): void {
      succeed()
      call.abort()
    }

    const { watch, lastWordMs } = options
    const call = (watch === undefined ? sender : endedBy({ watch, lastWordMs }, sender)).send(request, {
      onSending: options.onSending,
      onHeaders: (...head) => {
        ;[status, headers] = head
        if (isRefusal()) errorTimer = setTimeout(giveUpWords, maxErrorMs)
      },
      onData: (chunk) => {
        const room = (isRefusal() ? maxErrorBytes : maxBytes) - bytes
        chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
        bytes += chunk.length
        if (chunk.length > room) overflow()
      },
      onEnd: succeed,
      onFailure: (failure) => {
        if (isRefusal() && failure.code !== 'aborted') succeed()
        else settle({ ok: false, failure })
      },
    })
    function abort(): void {
      call.abort()
    }
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted === true) call.abort()
    options.onCall?.(call.abort)
  })
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only, ...more] = chunks
  return only !== undefined && more.length === 0 ? only : Buffer.concat(chunks)
}
