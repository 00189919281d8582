import type { AnswerProgress, Sender, WholeOptions } from './upstream-call.ts'

/** For the end of an answer that is over: with it, the connection can be used again. */
const LINGER_MS = 1_000

/** The same sender, whose answers end where one who knows their format says so. */
export function endedBy(watch: NonNullable<WholeOptions['watch']>, sender: Pick<Sender, 'send'>): Pick<Sender, 'send'> {
  return {
    send: (request, handler) => {
      let look: ((chunk: Uint8Array) => AnswerProgress) | undefined
      let progress: AnswerProgress = 'open'
      let linger: NodeJS.Timeout | undefined
      const call = sender.send(request, {
        onHeaders: (status, headers) => {
          if (status >= 200 && status < 300) look = watch(headers)
          handler.onHeaders(status, headers)
        },
        onData: (chunk) => {
          if (progress === 'over') return
          progress = look?.(chunk) ?? progress
          handler.onData(chunk)
          if (progress !== 'over') return
          linger = setTimeout(() => call.abort(), LINGER_MS).unref()
          handler.onEnd()
        },
        onEnd: () => {
          clearTimeout(linger)
          if (progress !== 'over') handler.onEnd()
        },
        onFailure: (failure) => {
          clearTimeout(linger)
          if (progress === 'over') return
          if (progress === 'complete' && failure.code !== 'aborted') handler.onEnd()
          else handler.onFailure(failure)
        },
      })
      return call
    },
  }
}
