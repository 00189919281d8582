import type { Shortcut } from '../codec.ts'
import type { JsonObject } from '../model/json.ts'
import { optionalString, stringOf } from '../wire/loose.ts'
import { toJsonText } from '../wire/raw-json.ts'
import { argumentsText } from '../wire/tool-arguments.ts'
import { BROKEN_CALL, NAMELESS_CALL } from './answer-losses.ts'
import { CALL } from './answer-members.ts'
import type { OutputBlock } from './output-blocks.ts'
import type { OutputItem, OutputItemContext } from './output-item.ts'
import { brokenDeed, type ToolBridge } from './tool-bridges.ts'
import { CALL_ID_PREFIX } from './wire.ts'

/** Most characters of arguments that wait for the name of their call. */
const MAX_PENDING = 1024 * 1024

/** With some servers a call begins with these, whatever arguments it has in the end. */
const NO_ARGUMENTS = '{}'

/** Reads a call of a function (`json`) or of a custom tool (`free`). */
export function createCallItem(context: OutputItemContext, form: 'json' | 'free'): OutputItem {
  const { blocks, answer } = context
  const field = form === 'json' ? 'arguments' : 'input'
  const deltaName = form === 'json' ? 'function_call_arguments.delta' : 'custom_tool_call_input.delta'
  let block: OutputBlock | undefined
  let pending = ''
  let announced: JsonObject = {}

  function describe(item: JsonObject): void {
    context.tell(item, CALL)
    const name = stringOf(item['name'])
    if (block !== undefined || name === '') return
    const id = stringOf(item['call_id']) || CALL_ID_PREFIX + context.newId()
    const namespace = optionalString(item['namespace'])
    const begun = argumentsText(item[field])
    answer.hasCalls = true
    block = blocks.open({ type: 'tool-call', id, name, ...(namespace !== undefined && { namespace }), form })
    blocks.delta(block, pending || (begun === NO_ARGUMENTS ? '' : begun))
    pending = ''
  }

  function event(name: string, body: JsonObject): void {
    if (name === deltaName) return write(argumentsText(body['delta']))
    if (!name.endsWith('.done')) return
    if (block === undefined) announced = body
    else blocks.complete(block, argumentsText(body[field]))
  }

  function shortcut(name: string, { delta }: JsonObject): Shortcut | undefined {
    return name === deltaName && typeof delta === 'string' ? { piece: delta, take: write } : undefined
  }

  function write(fragment: string): void {
    if (block !== undefined) blocks.delta(block, fragment)
    else if (pending.length + fragment.length <= MAX_PENDING) pending += fragment
    else context.overflow()
  }

  /** Where the finished item does not name the call, the event that ended its arguments may. */
  function done(item: JsonObject): void {
    describe({ ...announced, ...item })
    if (block === undefined) return context.report(NAMELESS_CALL)
    const text = argumentsText(item[field]) || argumentsText(announced[field])
    if (text !== '') blocks.complete(block, text)
    blocks.close(block)
  }

  function again(item: JsonObject): void {
    if (argumentsText(item[field]) !== NO_ARGUMENTS) done(item)
  }

  return { describe, event, shortcut, done, again }
}

/** Reads a call that this format spells as an item of its own kind: its action is whole only at the end. */
export function createBridgedItem(context: OutputItemContext, bridge: ToolBridge): OutputItem {
  const { blocks, answer } = context
  let known: JsonObject = {}
  return {
    describe: (item) => {
      known = item
    },
    event: () => {},
    done: (final) => {
      const item = 'type' in final ? final : known
      const id = stringOf(item['call_id']) || stringOf(item['id']) || CALL_ID_PREFIX + context.newId()
      answer.hasCalls = true
      if (brokenDeed(item, bridge) !== undefined) context.report(BROKEN_CALL)
      const block = blocks.open({ type: 'tool-call', id, name: bridge.tool, form: 'json', isOfOwnKind: true })
      blocks.delta(block, toJsonText(bridge.argumentsOf(item)))
      blocks.close(block)
    },
  }
}
