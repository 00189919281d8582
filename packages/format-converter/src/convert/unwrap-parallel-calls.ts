import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { parseJsonObject, toJsonText } from '../wire/raw-json.ts'
import type { FilterContext } from './answer-filters.ts'

/** Pseudo tools that some models call with a list of the calls they mean. */
const WRAPPERS: ReadonlySet<string> = new Set(['multi_tool_use.parallel', 'multi_tool_use_parallel', 'parallel'])

/** Most characters that wait for the end of such a call. */
const MAX_CHARACTERS = 1024 * 1024

type BlockEvent = Extract<AnswerEvent, { readonly block: number }>
type OpenEvent = Extract<AnswerEvent, { type: 'open' }>

/** What a wrapper means: one call of one declared tool. */
interface WrappedCall {
  readonly name: string
  readonly arguments: string
}

/** A wrapper whose arguments are still coming. */
interface Wrapper {
  readonly open: OpenEvent
  text: string
}

/**
 * Turns one call of `multi_tool_use.parallel` into the calls that it lists. Only where all of them are of declared tools;
 * any other call by that name stays what it is.
 */
export function unwrapParallelCalls({ tools, newId }: FilterContext, emit: EmitEvent): EmitEvent {
  const wrappers = new Map<number, Wrapper>()
  /** Blocks that were added so far: every later number is so much higher. */
  const numbers = new Map<number, number>()
  let next = 0

  function renumber(block: number): number {
    const known = numbers.get(block)
    if (known !== undefined) return known
    numbers.set(block, next)
    next += 1
    return next - 1
  }

  function take(wrapper: Wrapper, event: BlockEvent): void {
    if (event.type === 'delta') wrapper.text += event.text
    if (event.type !== 'close' && wrapper.text.length <= MAX_CHARACTERS) return
    wrappers.delete(event.block)
    const calls = event.type === 'close' ? readCalls(wrapper.text, tools) : undefined
    if (calls === undefined) return giveUp(wrapper, event)
    calls.forEach((call, index) => emitCall(wrapper, call, index))
  }

  function giveUp({ open, text }: Wrapper, event: BlockEvent): void {
    const block = renumber(open.block)
    emit({ ...open, block })
    if (text !== '') emit({ type: 'delta', block, text })
    if (event.type === 'close') emit({ ...event, block })
  }

  function emitCall({ open }: Wrapper, call: WrappedCall, index: number): void {
    if (open.part.type !== 'tool-call') return
    const block = index === 0 ? renumber(open.block) : next
    if (index > 0) next += 1
    const id = index === 0 ? open.part.id : `call_${newId()}`
    emit({ type: 'open', block, part: { ...open.part, id, name: call.name } })
    emit({ type: 'delta', block, text: call.arguments })
    emit({ type: 'close', block })
  }

  function passBlock(event: BlockEvent): void {
    const wrapper = wrappers.get(event.block)
    if (wrapper !== undefined) return take(wrapper, event)
    if (event.type === 'open' && isWrapper(event, tools)) wrappers.set(event.block, { open: event, text: '' })
    else emit({ ...event, block: renumber(event.block) })
  }

  return (event) => {
    if ('block' in event) return passBlock(event)
    // A finish closes what is open.
    if (event.type === 'finish') for (const block of wrappers.keys()) passBlock({ type: 'close', block })
    emit(event)
  }
}

function isWrapper({ part }: OpenEvent, tools: ReadonlySet<string>): boolean {
  return part.type === 'tool-call' && part.form === 'json' && WRAPPERS.has(part.name) && !tools.has(part.name)
}

/** @returns `undefined` when it is not what it looks like, or names a tool that nobody declared */
function readCalls(text: string, tools: ReadonlySet<string>): readonly WrappedCall[] | undefined {
  const uses = parseJsonObject(text)?.['tool_uses']
  if (!isJsonArray(uses) || uses.length === 0) return undefined
  const calls = uses.map((use) => readCall(use, tools))
  const known = calls.filter((call) => call !== undefined)
  return known.length === calls.length ? known : undefined
}

function readCall(use: JsonValue, tools: ReadonlySet<string>): WrappedCall | undefined {
  if (!isJsonObject(use)) return undefined
  const { recipient_name: recipient, parameters } = use
  const name = typeof recipient === 'string' ? recipient.replace(/^functions\./, '') : ''
  if (!tools.has(name)) return undefined
  const input: JsonObject = isJsonObject(parameters) ? parameters : {}
  return { name, arguments: toJsonText(input) }
}
