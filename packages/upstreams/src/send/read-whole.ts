import type { Sender, UpstreamHeaders, UpstreamRequest, WholeOptions, WholeResult } from './upstream-call.ts'

const MAX_BYTES = 64 * 1024 * 1024
const MAX_ERROR_BYTES = 64 * 1024

/** Reads an answer to its end, within limits that count decoded bytes. */
export function readWhole(
  sender: Pick<Sender, 'send'>,
  request: UpstreamRequest,
  options: WholeOptions = {},
): Promise<WholeResult> {
  const { maxBytes = MAX_BYTES, maxErrorBytes = MAX_ERROR_BYTES, signal } = options
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let bytes = 0
    let status = 0
    let headers: UpstreamHeaders = new Map()

    function settle(result: WholeResult): void {
      signal?.removeEventListener('abort', abort)
      resolve(result) // only the first call counts
    }

    function succeed(): void {
      settle({ ok: true, answer: { status, headers, body: Buffer.concat(chunks) } })
    }

    function overflow(): void {
      const isSuccess = status >= 200 && status < 300
      // Of an error, its beginning is enough to tell what it says.
      if (!isSuccess) succeed()
      const message = `the upstream sent a bigger answer than ${maxBytes} bytes`
      settle({ ok: false, failure: { code: 'too-large', message, hasHeaders: true } })
      call.abort()
    }

    function limit(): number {
      return status >= 200 && status < 300 ? maxBytes : maxErrorBytes
    }

    const call = sender.send(request, {
      onHeaders: (...head) => {
        ;[status, headers] = head
      },
      onData: (chunk) => {
        const room = limit() - bytes
        chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
        bytes += chunk.length
        if (chunk.length > room) overflow()
      },
      onEnd: succeed,
      onFailure: (failure) => settle({ ok: false, failure }),
    })
    function abort(): void {
      call.abort()
    }
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted === true) call.abort()
  })
}
