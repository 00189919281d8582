import type { AnswerEvent } from '../model/answer-event.ts'
import type { Answer, AnswerBlock } from '../model/answer.ts'
import { createAnswerFold } from './fold-answer.ts'

/** Collects the events of one answer; complete when its `end` is among them. */
export function foldAnswer(events: Iterable<AnswerEvent>): Answer {
  const fold = createAnswerFold()
  for (const event of events) fold.push(event)
  return fold.result()
}

/** The events that a whole answer stands for, block by block: the reverse of {@link foldAnswer}. */
export function unfoldAnswer(answer: Answer): readonly AnswerEvent[] {
  const { id, model, createdSeconds, fingerprint, usage, stop, stopSequence, stopDetails } = answer
  return [
    { type: 'start', id, model, createdSeconds, fingerprint },
    ...answer.blocks.flatMap(unfoldBlock),
    ...(usage === undefined ? [] : [{ type: 'usage', usage } as const]),
    { type: 'finish', reason: stop, stopSequence, details: stopDetails },
    { type: 'end' },
  ]
}

function unfoldBlock({ part, sections, citations, seal, logprobs, raw }: AnswerBlock, block: number): AnswerEvent[] {
  const events: AnswerEvent[] = [{ type: 'open', block, part }]
  for (const [index, text] of sections.entries()) {
    if (index > 0) events.push({ type: 'boundary', block })
    const isFirst = index === 0
    if (text !== '' || (isFirst && logprobs !== undefined))
      events.push({ type: 'delta', block, text, ...(isFirst && logprobs !== undefined ? { logprobs } : {}) })
  }
  for (const citation of citations) events.push({ type: 'citation', block, citation })
  if (seal !== undefined) events.push({ type: 'seal', block, seal })
  events.push({ type: 'close', block, raw })
  return events
}
