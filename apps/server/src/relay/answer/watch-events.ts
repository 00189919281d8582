import { createSseDecoder } from '@relay/format-converter/sse'
import type { AnswerProgress, UpstreamHeaders, WholeOptions } from '@relay/upstreams'

import { memberOf } from '../member-of.ts'
import { createRunningChoices, type RunningChoices } from './running-choices.ts'

/**
 * Follows events that come where one piece was asked for, or is collected: their last one ends the answer, whether or not
 * the upstream closes, and behind the reason to finish of Chat nothing is missed (`reliability` 3.3, 3.4).
 *
 * @returns `undefined` where the answer is no event stream
 */
export function watchEvents(headers: UpstreamHeaders): ReturnType<NonNullable<WholeOptions['watch']>> {
  if (headers.get('content-type')?.includes('text/event-stream') !== true) return undefined
  const choices = createRunningChoices()
  let seen: AnswerProgress | undefined
  const decoder = createSseDecoder({
    onMessage: ({ data }) => {
      if (seen !== 'over') seen = progressAfter(data, choices)
    },
    onOverflow: () => undefined, // whoever reads the answer says so
  })
  return (chunk) => {
    seen = undefined // comments are no word
    decoder.push(chunk)
    return seen
  }
}

const LAST_TYPE = /^(?:message_stop|response\.(?:completed|incomplete|failed))$/

function progressAfter(data: string, choices: RunningChoices): AnswerProgress {
  if (data === '[DONE]') return 'over'
  const event = parseOrNothing(data)
  const type = memberOf(event, 'type')
  if (typeof type === 'string' && LAST_TYPE.test(type)) return 'over'
  choices.see(event)
  return choices.areFinished() ? 'complete' : 'open'
}

function parseOrNothing(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined // whoever reads the answer says so
  }
}
