import type { Parameter, Parameters } from '../model/chat-request.ts'
import type { ReportLoss } from '../model/loss.ts'
import { addBookkeeping, readOutputFormat, takeVerbosity, type AddParameter } from '../wire/openai-parameters.ts'
import {
  pointer,
  reportRest,
  take,
  takeArray,
  takeBoolean,
  takeInteger,
  takeNumber,
  takeObject,
  takeString,
  wrongType,
  type WireObject,
} from '../wire/read-object.ts'
import type { ConfigurationUpdate } from './configuration-update.ts'
import { decodeToolChoice } from './decode-tools.ts'
import { INCLUDE_LOGPROBS, INCLUDE_PROOFS } from './wire.ts'
import { takeReasoning } from './wishes.ts'

/** Reads every scalar wish of a request; what was not given, or only says what happens anyway, is absent. */
export function decodeParameters(
  request: WireObject,
  update: ConfigurationUpdate | undefined,
  report: ReportLoss,
): Parameters {
  const found = new Map<string, Parameter<unknown>>()
  const add: AddParameter = (name, key, value) => {
    if (value !== undefined) found.set(name, { value, path: `/${key}` })
  }
  add('maxOutputTokens', 'max_output_tokens', takeInteger(request, 'max_output_tokens'))
  add('maxToolCalls', 'max_tool_calls', takeInteger(request, 'max_tool_calls'))
  add('toolChoice', 'tool_choice', decodeToolChoice(take(request, 'tool_choice'), report))
  add('parallelToolCalls', 'parallel_tool_calls', takeBoolean(request, 'parallel_tool_calls'))
  add('temperature', 'temperature', takeNumber(request, 'temperature'))
  add('topP', 'top_p', takeNumber(request, 'top_p'))
  addReasoning(request, add, report)
  addText(request, add, report)
  addIncluded(request, add)
  addBookkeeping(request, add)
  addState(request, add)
  takeStreamOptions(request, report)
  applyUpdate(found, update)
  return Object.fromEntries(found) // every pair was typed by `add`
}

function addReasoning(request: WireObject, add: AddParameter, report: ReportLoss): void {
  const wish = takeReasoning(request, report)
  add('reasoning', 'reasoning', wish?.reasoning)
  add('reasoningSummary', `reasoning/${wish?.summaryKey ?? 'summary'}`, wish?.summary)
}

function addText(request: WireObject, add: AddParameter, report: ReportLoss): void {
  const text = takeObject(request, 'text')
  if (text === undefined) return
  add('outputFormat', 'text/format', readOutputFormat(takeObject(text, 'format'), report))
  add('verbosity', 'text/verbosity', takeVerbosity(text))
  reportRest(text, report)
}

/** Proofs are Relay's own business, and token probabilities a wish of their own; the others only concern the upstream. */
function addIncluded(request: WireObject, add: AddParameter): void {
  const include = takeInclude(request)
  const alternatives = takeInteger(request, 'top_logprobs')
  const others = include.filter((name) => name !== INCLUDE_PROOFS && name !== INCLUDE_LOGPROBS)
  if (alternatives !== undefined && alternatives > 0) add('logprobs', 'top_logprobs', alternatives)
  else if (include.includes(INCLUDE_LOGPROBS)) add('logprobs', 'include', 0)
  if (others.length > 0) add('include', 'include', others)
}

function takeInclude(request: WireObject): readonly string[] {
  const include = takeArray(request, 'include') ?? []
  return include.map((value, index) => {
    if (typeof value === 'string') return value
    throw wrongType(pointer('/include', index), 'a string', value)
  })
}

function addState(request: WireObject, add: AddParameter): void {
  const truncation = takeString(request, 'truncation')
  add('previousResponseId', 'previous_response_id', takeString(request, 'previous_response_id'))
  add('conversation', 'conversation', take(request, 'conversation'))
  add('contextManagement', 'context_management', take(request, 'context_management'))
  if (takeBoolean(request, 'store') === true) add('store', 'store', true)
  if (takeBoolean(request, 'background') === true) add('background', 'background', true)
  if (truncation !== 'disabled') add('truncation', 'truncation', truncation)
}

/** Padding against traffic analysis: nothing that a conversion could keep. */
function takeStreamOptions(request: WireObject, report: ReportLoss): void {
  const options = takeObject(request, 'stream_options')
  if (options === undefined) return
  take(options, 'include_obfuscation')
  reportRest(options, report)
}

/** The last word of the input counts more than the head of the request. */
function applyUpdate(found: Map<string, Parameter<unknown>>, update: ConfigurationUpdate | undefined): void {
  if (update === undefined) return
  const { path, effort, outputFormat } = update
  const earlier = found.get('reasoning')?.value
  if (effort !== undefined) {
    const mode = effort === 'none' ? 'off' : 'on'
    found.set('reasoning', {
      value: { ...(typeof earlier === 'object' && earlier), mode, effort },
      path: pointer(pointer(path, 'reasoning'), 'effort'),
    })
  }
  if (outputFormat !== undefined)
    found.set('outputFormat', { value: outputFormat, path: pointer(pointer(path, 'text'), 'format') })
}
