import type { EmitEvent } from '../model/answer-event.ts'
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

  return (event) => {
    if (event.type === 'open' && event.part.type === 'tool-call') {
      const tool = restore(event.part.name)
      if (tool === undefined) return emit(event)
      const isWrapped = tool.form === 'free' && event.part.form === 'json'
      if (isWrapped) unescapers.set(event.block, createInputUnescaper())
      return emit({ ...event, part: { ...event.part, name: tool.name, namespace: tool.namespace, form: tool.form } })
    }
    const unescaper = unescapers.size > 0 && 'block' in event ? unescapers.get(event.block) : undefined
    if (unescaper === undefined) return emit(event)
    if (event.type === 'delta') return emitText(emit, event.block, unescaper.push(event.text))
    if (event.type === 'close') {
      emitText(emit, event.block, unescaper.end())
      unescapers.delete(event.block)
    }
    emit(event)
  }
}

function emitText(emit: EmitEvent, block: number, text: string): void {
  if (text !== '') emit({ type: 'delta', block, text })
}
