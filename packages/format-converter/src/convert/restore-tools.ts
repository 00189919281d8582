import type { AnswerEvent, EmitEvent, OpenPart } from '../model/answer-event.ts'
import { createInputUnescaper, type InputUnescaper } from './unescape-input.ts'

/** What the client calls a tool that the upstream knows by another name. */
export interface RestoredTool {
  readonly name: string
  readonly namespace?: string | undefined
  readonly form: 'json' | 'free'
}

/** Looks a wire name up; `undefined` = the name went out unchanged. */
export type RestoreTool = (wireName: string) => RestoredTool | undefined

/**
 * Gives tool calls their client-side names back, and free-text inputs their raw text. Sits between a decoder and the
 * guard; every other event passes untouched.
 */
export function restoreTools(restore: RestoreTool, emit: EmitEvent): EmitEvent {
  const unescapers = new Map<number, InputUnescaper>()

  function openCall(event: AnswerEvent & { type: 'open' }, part: OpenPart & { type: 'tool-call' }): void {
    const tool = restore(part.name)
    if (tool === undefined) return emit(event)
    if (tool.form === 'free' && part.form === 'json') unescapers.set(event.block, createInputUnescaper())
    emit({ ...event, part: { ...part, name: tool.name, namespace: tool.namespace, form: tool.form } })
  }

  function passWrapped(event: AnswerEvent & { readonly block: number }): void {
    const unescaper = unescapers.get(event.block)
    if (unescaper === undefined) return emit(event)
    if (event.type === 'delta') return emitText(emit, event.block, unescaper.push(event.text))
    if (event.type === 'close') {
      emitText(emit, event.block, unescaper.end())
      unescapers.delete(event.block)
    }
    emit(event)
  }

  return (event) => {
    if (event.type === 'open' && event.part.type === 'tool-call') openCall(event, event.part)
    else if (unescapers.size > 0 && 'block' in event) passWrapped(event)
    else emit(event)
  }
}

function emitText(emit: EmitEvent, block: number, text: string): void {
  if (text !== '') emit({ type: 'delta', block, text })
}
