import type { EncodeAnswerContext, StreamEncoder } from '../codec.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import { createResponseWriter } from './response-writer.ts'
import { KEEP_ALIVE_FRAME } from './wire.ts'

/**
 * Writes a Responses stream: numbered events, ids that never change, every item begun and ended, and one terminal event
 * that repeats the finished items.
 *
 * @remarks Contract 4.4.
 */
export function createStreamEncoder(context: EncodeAnswerContext): StreamEncoder {
  const response = createResponseWriter(context)
  let pings = 0

  /** Numbered like any other event, but not one of the answer's. */
  function ownPing(): string {
    const before = response.events()
    const text = ping()
    pings += response.events() - before
    return text
  }

  /** Codex does not count comments, but before `response.created` there is nothing else. */
  function ping(): string {
    return response.events() > 0 ? response.inProgress() : KEEP_ALIVE_FRAME
  }

  return {
    write: (event: AnswerEvent) => (event.type === 'ping' ? ping() : response.write(event)),
    open: response.begin,
    ping: ownPing,
    events: () => response.events() - pings,
    waiting: response.kept,
    failure: response.failure,
  }
}
