import { sendEnded } from './ended-by.ts'
import type {
  Sender,
  TransportFailure,
  UpstreamCall,
  UpstreamHandler,
  UpstreamHeaders,
  UpstreamRequest,
  WholeOptions,
  WholeResult,
} from './upstream-call.ts'

const MAX_BYTES = 64 * 1024 * 1024
const MAX_ERROR_BYTES = 64 * 1024
const MAX_ERROR_MS = 5_000

/** Reads an answer to its end, within limits that count decoded bytes. */
export function readWhole(
  sender: Pick<Sender, 'send'>,
  request: UpstreamRequest,
  options: WholeOptions = {},
): Promise<WholeResult> {
  const { promise, resolve } = Promise.withResolvers<WholeResult>()
  const reader = new WholeReader(options, resolve)
  const { watch, lastWordMs } = options
  const call =
    watch === undefined
      ? sender.send(request, reader)
      : sendEnded(sender, request, { watch, lastWordMs, handler: reader })
  reader.begin(call)
  return promise
}

class WholeReader implements UpstreamHandler {
  readonly #options: WholeOptions
  readonly #resolve: (result: WholeResult) => void
  readonly #chunks: Uint8Array[] = []
  #bytes = 0
  #status = 0
  #headers: UpstreamHeaders = NO_HEADERS
  #call: UpstreamCall | undefined
  #errorTimer: NodeJS.Timeout | undefined
  #stopListening: (() => void) | undefined

  /** @param resolve - only its first call counts */
  constructor(options: WholeOptions, resolve: (result: WholeResult) => void) {
    this.#options = options
    this.#resolve = resolve
  }

  begin(call: UpstreamCall): void {
    const { signal, onCall } = this.#options
    const abort = (): void => call.abort()
    this.#call = call
    if (signal !== undefined) {
      signal.addEventListener('abort', abort, { once: true })
      this.#stopListening = () => signal.removeEventListener('abort', abort)
      if (signal.aborted) call.abort()
    }
    onCall?.(abort)
  }

  onSending(): void {
    this.#options.onSending?.()
  }

  onHeaders(status: number, headers: UpstreamHeaders): void {
    this.#status = status
    this.#headers = headers
    if (!this.#isRefusal()) return
    this.#errorTimer = setTimeout(() => {
      this.#succeed()
      this.#call?.abort()
    }, this.#options.maxErrorMs ?? MAX_ERROR_MS)
  }

  onData(chunk: Uint8Array): void {
    const { maxBytes = MAX_BYTES, maxErrorBytes = MAX_ERROR_BYTES } = this.#options
    const room = (this.#isRefusal() ? maxErrorBytes : maxBytes) - this.#bytes
    this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    this.#bytes += chunk.length
    if (chunk.length > room) this.#overflow(maxBytes)
  }

  onEnd(): void {
    this.#succeed()
  }

  onFailure(failure: TransportFailure): void {
    if (this.#isRefusal() && failure.code !== 'aborted') this.#succeed()
    else this.#settle({ ok: false, failure })
  }

  /** Of a refusal, the status and the beginning of its words are enough. */
  #isRefusal(): boolean {
    return this.#status !== 0 && (this.#status < 200 || this.#status >= 300)
  }

  #overflow(maxBytes: number): void {
    if (this.#isRefusal()) this.#succeed()
    const message = `the upstream sent a bigger answer than ${maxBytes} bytes`
    this.#settle({ ok: false, failure: { code: 'too-large', message, hasHeaders: true } })
    this.#call?.abort()
  }

  #succeed(): void {
    const answer = { status: this.#status, headers: this.#headers, body: joined(this.#chunks) }
    this.#settle({ ok: true, answer })
  }

  #settle(result: WholeResult): void {
    clearTimeout(this.#errorTimer)
    this.#stopListening?.()
    this.#resolve(result)
  }
}

const NO_HEADERS: UpstreamHeaders = new Map()

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only, ...more] = chunks
  return only !== undefined && more.length === 0 ? only : Buffer.concat(chunks)
}
