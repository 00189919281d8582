import { createSseDecoder } from '@relay/format-converter/sse'
import type { AnswerProgress, UpstreamHeaders } from '@relay/upstreams'

import { memberOf } from '../member-of.ts'
import { createRunningChoices, type RunningChoices } from './running-choices.ts'

/**
 * Follows events that come where one piece was asked for, or is collected: their last one ends the answer, whether or not
 * the upstream closes, and behind the reason to finish of Chat nothing is missed (`reliability` 3.3, 3.4).
 *
 * @returns `undefined` where the answer is no event stream
 */
export function watchEvents(headers: UpstreamHeaders): ((chunk: Uint8Array) => AnswerProgress) | undefined {
  if (headers.get('content-type')?.includes('text/event-stream') !== true) return undefined
  const choices = createRunningChoices()
  let progress: AnswerProgress = 'open'
  const decoder = createSseDecoder({
    onMessage: ({ data }) => {
      if (progress !== 'over') progress = progressAfter(data, choices) ?? progress
    },
    onOverflow: () => undefined, // whoever reads the answer says so
  })
  return (chunk) => {
    decoder.push(chunk)
    return progress
  }
}

const LAST_TYPE = /^(?:message_stop|response\.(?:completed|incomplete|failed))$/

/** @returns `undefined` where the event changes nothing */
function progressAfter(data: string, choices: RunningChoices): AnswerProgress | undefined {
  if (data === '[DONE]') return 'over'
  const event = parseOrNothing(data)
  const type = memberOf(event, 'type')
  if (typeof type === 'string') return LAST_TYPE.test(type) ? 'over' : undefined
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
