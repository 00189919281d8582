import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'
import type { EventStation } from './answer-filters.ts'

type Delta = Extract<AnswerEvent, { type: 'delta' }>

/** Makes one delta of those that came in one packet, one after the other, for one block. Order stays. */
export function coalesceDeltas(emit: EmitEvent): EventStation {
  let first: Delta | undefined
  let texts: string[] = []

  function flush(): void {
    if (first === undefined) return
    const merged = { ...first, text: texts.join('') }
    first = undefined
    texts = []
    emit(merged)
  }

  function push(event: AnswerEvent): void {
    const isPlain = event.type === 'delta' && event.logprobs === undefined
    if (isPlain && event.block === first?.block) {
      texts.push(event.text)
      return
    }
    flush()
    if (!isPlain) return emit(event)
    first = event
    texts = [event.text]
  }

  return { push, flush }
}
