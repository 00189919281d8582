import type {
  AnswerProgress,
  Sender,
  TransportFailure,
  UpstreamCall,
  UpstreamHandler,
  UpstreamHeaders,
  UpstreamRequest,
  WholeOptions,
} from './upstream-call.ts'

/** For the end of an answer that is over: with it, the connection can be used again. */
const LINGER_MS = 1_000
const LAST_WORD_MS = 3_000

/** Who hears of an answer, and who says where it ends. */
interface Ending extends Pick<WholeOptions, 'lastWordMs'> {
  readonly handler: UpstreamHandler
  readonly watch: NonNullable<WholeOptions['watch']>
}

/** Sends a request whose answer ends where one who knows its format says so. */
export function sendEnded(sender: Pick<Sender, 'send'>, request: UpstreamRequest, ending: Ending): UpstreamCall {
  const handler = new EndingHandler(ending)
  const call = sender.send(request, handler)
  handler.call = call
  return call
}

class EndingHandler implements UpstreamHandler {
  /** Known before anything is heard. */
  call: UpstreamCall | undefined
  readonly #ending: Ending
  #look: ReturnType<Ending['watch']>
  #progress: AnswerProgress = 'open'
  #timer: NodeJS.Timeout | undefined

  constructor(ending: Ending) {
    this.#ending = ending
  }

  onSending(): void {
    this.#ending.handler.onSending?.()
  }

  onHeaders(status: number, headers: UpstreamHeaders): void {
    const { watch, handler } = this.#ending
    if (status >= 200 && status < 300) this.#look = watch(headers)
    handler.onHeaders(status, headers)
  }

  onData(chunk: Uint8Array): void {
    if (this.#progress === 'over') return
    const isOver = this.#see(chunk)
    this.#ending.handler.onData(chunk)
    if (isOver) this.#ending.handler.onEnd()
  }

  onEnd(): void {
    clearTimeout(this.#timer)
    if (this.#progress !== 'over') this.#ending.handler.onEnd()
  }

  onFailure(failure: TransportFailure): void {
    clearTimeout(this.#timer)
    if (this.#progress === 'over') return
    if (this.#progress === 'complete' && failure.code !== 'aborted') this.#ending.handler.onEnd()
    else this.#ending.handler.onFailure(failure)
  }

  /** @returns whether the answer is over */
  #see(chunk: Uint8Array): boolean {
    const seen = this.#look?.(chunk)
    if (seen === undefined) return false
    this.#progress = seen
    clearTimeout(this.#timer)
    const { lastWordMs = LAST_WORD_MS } = this.#ending
    if (seen === 'complete') this.#timer = setTimeout(() => this.#endNow(), lastWordMs)
    if (seen === 'over') this.#timer = setTimeout(() => this.call?.abort(), LINGER_MS).unref()
    return seen === 'over'
  }

  /** The connection stays open, and nothing that matters has to come. */
  #endNow(): void {
    this.#progress = 'over'
    this.#ending.handler.onEnd()
    this.call?.abort()
  }
}
