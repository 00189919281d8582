import type { AnswerProgress, Sender, UpstreamCall, WholeOptions } from './upstream-call.ts'

/** For the end of an answer that is over: with it, the connection can be used again. */
const LINGER_MS = 1_000
const LAST_WORD_MS = 3_000

interface Ending extends Pick<WholeOptions, 'lastWordMs'> {
  readonly watch: NonNullable<WholeOptions['watch']>
}

/** The same sender, whose answers end where one who knows their format says so. */
export function endedBy(
  { watch, lastWordMs = LAST_WORD_MS }: Ending,
  sender: Pick<Sender, 'send'>,
): Pick<Sender, 'send'> {
  return {
    send: (request, handler) => {
      let look: ReturnType<Ending['watch']>
      let progress: AnswerProgress = 'open'
      let timer: NodeJS.Timeout | undefined

      /** @returns whether the answer is over */
      function see(chunk: Uint8Array): boolean {
        const seen = look?.(chunk)
        if (seen === undefined) return false
        progress = seen
        clearTimeout(timer)
        if (progress === 'complete') timer = setTimeout(endNow, lastWordMs)
        if (progress === 'over') timer = setTimeout(() => call.abort(), LINGER_MS).unref()
        return progress === 'over'
      }

      /** The connection stays open, and nothing that matters has to come. */
      function endNow(): void {
        progress = 'over'
        handler.onEnd()
        call.abort()
      }

      const call: UpstreamCall = sender.send(request, {
        onSending: () => handler.onSending?.(),
        onHeaders: (status, headers) => {
          if (status >= 200 && status < 300) look = watch(headers)
          handler.onHeaders(status, headers)
        },
        onData: (chunk) => {
          if (progress === 'over') return
          const isOver = see(chunk)
          handler.onData(chunk)
          if (isOver) handler.onEnd()
        },
        onEnd: () => {
          clearTimeout(timer)
          if (progress !== 'over') handler.onEnd()
        },
        onFailure: (failure) => {
          clearTimeout(timer)
          if (progress === 'over') return
          if (progress === 'complete' && failure.code !== 'aborted') handler.onEnd()
          else handler.onFailure(failure)
        },
      })
      return call
    },
  }
}
