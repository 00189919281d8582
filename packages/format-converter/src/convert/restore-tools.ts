import type { AnswerEvent, EmitEvent, OpenPart } from '../model/answer-event.ts'
import type { LossReport, ReportLoss } from '../model/loss.ts'
import { CUT_SHORT, type StopReason } from '../model/stop-reason.ts'
import { toClientArguments, type ArgumentShape } from '../wire/argument-text.ts'
import { createInputUnescaper } from './unescape-input.ts'

/** What the client calls a tool that the upstream knows by another name. */
export interface RestoredTool {
  readonly name: string
  readonly namespace?: string | undefined
  readonly form: 'json' | 'free'
  /** How the arguments differ; absent = not at all. */
  readonly arguments?: ArgumentShape | undefined
}

/** What of the arguments is not the client's own spelling, piece by piece. */
interface ArgumentReader {
  push(piece: string): string
  end(): string
  /** Once it has ended: whether nothing of the arguments is missing. */
  isExact(): boolean
}

/** Arguments that are longer are passed on as they are. */
const MAX_SHAPED_CHARACTERS = 1024 * 1024

/** Looks a wire name up; `undefined` = the name went out unchanged. */
export type RestoreTool = (wireName: string) => RestoredTool | undefined

/** Who knows the client's names, and who is told that a call holds less than the upstream wrote. */
export interface Restoring {
  readonly restore: RestoreTool
  readonly report: ReportLoss
}

const ODD_INPUT: LossReport = {
  code: 'invalid_tool_arguments',
  level: 'degraded',
  path: '#tool_use',
  message:
    'the arguments of a call were not the object with one text that its tool takes; the text alone was passed on',
}

/**
 * Gives tool calls their client-side names back, and free-text inputs their raw text. Sits between a decoder and the
 * guard; every other event passes untouched.
 */
export function restoreTools({ restore, report }: Restoring, emit: EmitEvent): EmitEvent {
  const readers = new Map<number, ArgumentReader>()
  let isOdd = false

  function openCall(event: AnswerEvent & { type: 'open' }, part: OpenPart & { type: 'tool-call' }): void {
    const tool = restore(part.name)
    if (tool === undefined) return emit(event)
    if (tool.form === 'free' && part.form === 'json') readers.set(event.block, createInputUnescaper())
    else if (tool.arguments !== undefined) readers.set(event.block, createShapeReader(tool.arguments))
    emit({ ...event, part: { ...part, name: tool.name, namespace: tool.namespace, form: tool.form } })
  }

  function passWrapped(event: AnswerEvent & { readonly block: number }): void {
    const reader = readers.get(event.block)
    if (reader === undefined) return emit(event)
    if (event.type === 'delta') return emitText(emit, event.block, reader.push(event.text))
    if (event.type === 'close') {
      emitText(emit, event.block, reader.end())
      isOdd ||= !reader.isExact()
      readers.delete(event.block)
    }
    emit(event)
  }

  /** A call that is cut off never closes; what waits of it belongs to the answer all the same. */
  function finish(reason: StopReason): void {
    for (const [block, reader] of readers) emitText(emit, block, reader.end())
    readers.clear()
    if (isOdd && !CUT_SHORT.has(reason)) report(ODD_INPUT)
  }

  return (event) => {
    if (event.type === 'open' && event.part.type === 'tool-call') openCall(event, event.part)
    else if (readers.size > 0 && 'block' in event) passWrapped(event)
    else {
      if (event.type === 'finish') finish(event.reason)
      emit(event)
    }
  }
}

function emitText(emit: EmitEvent, block: number, text: string): void {
  if (text !== '') emit({ type: 'delta', block, text })
}

/** Holds arguments until they are whole, for only then their keys are known. */
function createShapeReader(shape: ArgumentShape): ArgumentReader {
  let text = ''
  let isTooLong = false
  return {
    push: (piece) => {
      if (isTooLong) return piece
      text += piece
      isTooLong = text.length > MAX_SHAPED_CHARACTERS
      return isTooLong ? text : ''
    },
    end: () => (isTooLong ? '' : toClientArguments(text, shape)),
    isExact: () => true,
  }
}
