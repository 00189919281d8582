import type { ToolCallPart, ToolResultPart } from '../model/content-part.ts'
import type { ReportLoss } from '../model/loss.ts'
import { stringOf } from '../wire/loose.ts'
import { toJsonText } from '../wire/raw-json.ts'
import { pointer, reportRest, required, requireString, take, takeString, type WireObject } from '../wire/read-object.ts'
import { argumentsText } from '../wire/tool-arguments.ts'
import { decodeOutput } from './decode-content.ts'
import { brokenDeed, type ToolBridge } from './tool-bridges.ts'
import { takeBookkeeping } from './vendor-members.ts'

/** A call of a function (`json`) or of a custom tool (`free`). Its arguments stay the text that the model wrote. */
export function decodeCall(item: WireObject, form: 'json' | 'free', report: ReportLoss): ToolCallPart {
  const { path } = item
  const id = requireString(item, 'call_id')
  const name = requireString(item, 'name')
  const namespace = takeString(item, 'namespace')
  const text = argumentsText(take(item, form === 'json' ? 'arguments' : 'input'))
  takeBookkeeping(item)
  reportRest(item, report)
  return { type: 'tool-call', id, name, arguments: text, form, path, ...(namespace !== undefined && { namespace }) }
}

/** What a call gave back. */
export function decodeCallOutput(item: WireObject, form: 'json' | 'free', report: ReportLoss): ToolResultPart {
  const { path } = item
  const callId = requireString(item, 'call_id')
  const parts = decodeOutput(take(item, 'output'), pointer(path, 'output'))
  take(item, 'name') // the call says it too
  take(item, 'namespace')
  takeBookkeeping(item)
  reportRest(item, report)
  return { type: 'tool-result', callId, parts, form, path }
}

/** A call of a tool that this format spells as an item of its own kind. */
export function decodeBridgedCall({ value, path }: WireObject, bridge: ToolBridge): ToolCallPart {
  const id = stringOf(value['call_id']) || stringOf(value['id'])
  if (id === '') required(undefined, pointer(path, 'call_id'))
  return {
    type: 'tool-call',
    id,
    name: bridge.tool,
    arguments: toJsonText(bridge.argumentsOf(value)),
    form: 'json',
    path,
  }
}

/** A call whose tool cannot know what to do goes on without that. */
export function reportBroken({ value, path }: WireObject, bridge: ToolBridge, report: ReportLoss): void {
  const deed = brokenDeed(value, bridge)
  if (deed === undefined) return
  const message = 'what the tool of a call was to do cannot be read, so it is not whole'
  report({ code: 'invalid_tool_arguments', level: 'degraded', path: pointer(path, deed), message })
}

/** What of a call or its result only the tool itself could use; the model never sees it. */
export function reportUnseen({ value, path }: WireObject, report: ReportLoss): void {
  const names = ['environment', 'max_output_length'].filter((name) => (value[name] ?? null) !== null)
  const message = 'it says how the tool worked, for which other formats have no place'
  for (const name of names) report({ code: 'param_unsupported', level: 'info', path: pointer(path, name), message })
}

/** Its result; some kinds name the item of the call instead of the call. */
export function decodeBridgedOutput(
  { value, path }: WireObject,
  bridge: ToolBridge,
  callIds: ReadonlyMap<string, string>,
): ToolResultPart {
  const named = stringOf(value['call_id']) || stringOf(value['id'])
  if (named === '') required(undefined, pointer(path, 'call_id'))
  const { text, isError } = bridge.outputTextOf(value)
  const parts = text === '' ? [] : [{ type: 'text', text, path: pointer(path, 'output') } as const]
  return {
    type: 'tool-result',
    callId: callIds.get(named) ?? named,
    parts,
    form: 'json',
    path,
    ...(isError && { isError }),
  }
}
