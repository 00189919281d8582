import { createSseDecoder } from '@relay/format-converter/sse'
import type { AnswerProgress, UpstreamHeaders } from '@relay/upstreams'

import { memberOf } from '../passage/stated-failure.ts'

/**
 * Follows events that come where one piece was asked for, or is collected: their last one ends the answer, whether or not
 * the upstream closes, and behind the reason to finish of Chat nothing is missed (`reliability` 3.3, 3.4).
 *
 * @returns `undefined` where the answer is no event stream
 */
export function watchEvents(headers: UpstreamHeaders): ((chunk: Uint8Array) => AnswerProgress) | undefined {
  if (headers.get('content-type')?.includes('text/event-stream') !== true) return undefined
  const running = new Set<unknown>()
  let progress: AnswerProgress = 'open'
  const decoder = createSseDecoder({
    onMessage: ({ data }) => {
      if (progress !== 'over') progress = progressAfter(data, running) ?? progress
    },
    onOverflow: () => undefined, // whoever reads the answer says so
  })
  return (chunk) => {
    decoder.push(chunk)
    return progress
  }
}

const LAST_TYPE = /^(?:message_stop|response\.(?:completed|incomplete|failed))$/

/**
 * @param running - choices that have begun and have not finished
 * @returns `undefined` where the event changes nothing
 */
function progressAfter(data: string, running: Set<unknown>): AnswerProgress | undefined {
  if (data === '[DONE]') return 'over'
  const event = parseOrNothing(data)
  const type = memberOf(event, 'type')
  if (typeof type === 'string') return LAST_TYPE.test(type) ? 'over' : undefined
  const choices = memberOf(event, 'choices')
  if (!Array.isArray(choices) || choices.length === 0) return undefined
  for (const choice of choices) {
    const isFinished = typeof memberOf(choice, 'finish_reason') === 'string'
    if (isFinished) running.delete(memberOf(choice, 'index'))
    else running.add(memberOf(choice, 'index'))
  }
  return running.size === 0 ? 'complete' : 'open'
}

function parseOrNothing(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined // whoever reads the answer says so
  }
}
