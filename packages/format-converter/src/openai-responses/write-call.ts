import type { OpenPart } from '../model/answer-event.ts'
import type { JsonObject } from '../model/json.ts'
import { parseJson } from '../wire/raw-json.ts'
import { ARGUMENTS_LEFT_OUT, BROKEN_CALL } from './answer-losses.ts'
import { deltaPrefix, type AnswerWriter, type ItemWriter } from './answer-writer.ts'
import { createKeptText } from './kept-text.ts'
import { losesArguments, readCallInput, type ToolBridge } from './tool-bridges.ts'
import { ITEM_PREFIX } from './wire.ts'

type CallPart = OpenPart & { type: 'tool-call' }

/** What differs between a function and a custom tool. */
interface CallForm {
  readonly itemType: string
  readonly prefix: string
  readonly field: 'arguments' | 'input'
  readonly eventType: string
}

const FUNCTION: CallForm = {
  itemType: 'function_call',
  prefix: ITEM_PREFIX.functionCall,
  field: 'arguments',
  eventType: 'response.function_call_arguments',
}
const CUSTOM: CallForm = {
  itemType: 'custom_tool_call',
  prefix: ITEM_PREFIX.customCall,
  field: 'input',
  eventType: 'response.custom_tool_call_input',
}

/** What calls have not. */
const QUIET = { boundary: () => '', cite: () => {}, seal: () => {}, close: () => {} } as const

/** Begins a call. @returns the item's writer and the text of its first event */
export function beginCall(writer: AnswerWriter, part: CallPart): { readonly item: ItemWriter; readonly text: string } {
  const form = part.form === 'json' ? FUNCTION : CUSTOM
  const id = writer.itemId(form.prefix)
  const position = writer.nextPosition()
  const place = { item_id: id, output_index: position }
  const prefix = deltaPrefix(`${form.eventType}.delta`, place)
  const text = createKeptText()

  function itemOf(status: string): JsonObject {
    const namespace = part.namespace === undefined ? {} : { namespace: part.namespace }
    return {
      id,
      type: form.itemType,
      status,
      call_id: part.id,
      name: part.name,
      [form.field]: text.whole(),
      ...namespace,
    }
  }

  function delta(fragment: string): string {
    text.add(fragment)
    return writer.delta(prefix, fragment)
  }

  function finish(isCut: boolean): string {
    const filled = text.whole().trim() === '' && part.form === 'json' && !isCut ? delta('{}') : ''
    const whole = text.whole()
    const done = writer.event(`${form.eventType}.done`, { ...place, [form.field]: whole })
    return filled + done + writer.finish(position, itemOf(isHalf(part, whole, isCut) ? 'incomplete' : 'completed'))
  }

  const item: ItemWriter = { ...QUIET, delta, finish }
  return { item, text: writer.add(position, itemOf('in_progress')) }
}

/** Begins a call whose item has an action instead of arguments; the action is written when it is whole. */
export function beginBridgedCall(
  writer: AnswerWriter,
  part: CallPart,
  bridge: ToolBridge,
): { readonly item: ItemWriter; readonly text: string } {
  const id = writer.itemId(bridge.idPrefix)
  const position = writer.nextPosition()
  let whole = ''

  function itemOf(status: string, input: JsonObject | undefined): JsonObject {
    return { id, type: bridge.callType, status, call_id: part.id, ...bridge.membersOf(input) }
  }

  function delta(text: string): string {
    whole += text
    writer.keep(text.length)
    return ''
  }

  function finish(isCut: boolean): string {
    const input = readCallInput(whole)
    const isWhole = input !== undefined && bridge.saysWhat(input)
    if (!isWhole && !isCut) writer.context.report(BROKEN_CALL)
    if (isWhole && losesArguments(bridge, input)) writer.context.report(ARGUMENTS_LEFT_OUT)
    return writer.finish(position, itemOf(isWhole ? 'completed' : bridge.halfStatus, input))
  }

  const item: ItemWriter = { ...QUIET, delta, finish }
  return { item, text: writer.add(position, itemOf('in_progress', undefined)) }
}

/** Whether something of a call is missing: its JSON tells, and of what has none, where it stood when the answer was cut. */
function isHalf(part: CallPart, text: string, isCut: boolean): boolean {
  if (part.form === 'free' || text.trim() === '') return isCut
  return parseJson(text) === undefined
}
