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
  type WireObject,
  wrongType,
} from '../wire/read-object.ts'
import { decodeFunctionChoice, decodeToolChoice } from './decode-tools.ts'
import { reasoningKey, takeReasoning } from './reasoning-wish.ts'

/** Where the fields of a request stand: at the top, or in `extra_body`, which some SDK users send literally. */
export type PathOf = (key: string) => string

/** Reads every scalar wish of a request; fields that were not given are absent. */
export function decodeParameters(request: WireObject, report: ReportLoss, pathOf: PathOf): Parameters {
  const found: [string, Parameter<unknown>][] = []
  const add: AddParameter = (name, key, value) => {
    if (value !== undefined) found.push([name, { value, path: pathOf(key) }])
  }

  const limit = takeLimit(request, report)
  add('maxOutputTokens', limit.key, limit.value)
  add('stop', 'stop', takeStop(request))
  const choice = decodeToolChoice(take(request, 'tool_choice'), report)
  const legacyChoice = decodeFunctionChoice(take(request, 'function_call'), report)
  add('toolChoice', choice === undefined ? 'function_call' : 'tool_choice', choice ?? legacyChoice)
  add('parallelToolCalls', 'parallel_tool_calls', takeBoolean(request, 'parallel_tool_calls'))
  addSampling(request, add)
  add('reasoning', reasoningKey(request), takeReasoning(request, report))
  add(
    'outputFormat',
    'response_format',
    readOutputFormat(takeObject(request, 'response_format'), report, 'json_schema'),
  )
  add('verbosity', 'verbosity', takeVerbosity(request))
  add('logprobs', 'logprobs', takeLogprobs(request, report))
  addOutput(request, add)
  addBookkeeping(request, add)
  add('store', 'store', takeBoolean(request, 'store'))
  const streamOptions = takeObject(request, 'stream_options')
  if (streamOptions !== undefined) {
    take(streamOptions, 'include_obfuscation') // padding against traffic analysis: nothing that a conversion could keep
    add('streamUsage', 'stream_options', takeBoolean(streamOptions, 'include_usage'))
    reportRest(streamOptions, report)
  }
  return Object.fromEntries(found) // every pair was typed by `add`
}

function addSampling(request: WireObject, add: AddParameter): void {
  add('temperature', 'temperature', takeNumber(request, 'temperature'))
  add('topP', 'top_p', takeNumber(request, 'top_p'))
  add('topK', 'top_k', takeInteger(request, 'top_k'))
  add('seed', 'seed', takeNumber(request, 'seed'))
  add('frequencyPenalty', 'frequency_penalty', takeNumber(request, 'frequency_penalty'))
  add('presencePenalty', 'presence_penalty', takeNumber(request, 'presence_penalty'))
  add('logitBias', 'logit_bias', takeObject(request, 'logit_bias')?.value)
}

function addOutput(request: WireObject, add: AddParameter): void {
  add('choices', 'n', takeInteger(request, 'n'))
  add('modalities', 'modalities', takeStrings(request, 'modalities'))
  add('audioOutput', 'audio', takeObject(request, 'audio')?.value)
  add('prediction', 'prediction', takeObject(request, 'prediction')?.value)
  add('webSearchOptions', 'web_search_options', takeObject(request, 'web_search_options')?.value)
}

/** `max_completion_tokens` wins over the deprecated `max_tokens`. */
function takeLimit(
  request: WireObject,
  report: ReportLoss,
): { readonly key: string; readonly value: number | undefined } {
  const classic = takeInteger(request, 'max_tokens')
  const value = takeInteger(request, 'max_completion_tokens')
  if (value === undefined) return { key: 'max_tokens', value: classic }
  if (classic !== undefined && classic !== value) {
    report({
      code: 'param_unsupported',
      level: 'info',
      path: '/max_tokens',
      message: 'max_completion_tokens was given too and counts',
    })
  }
  return { key: 'max_completion_tokens', value }
}

function takeStop(request: WireObject): readonly string[] | undefined {
  if (typeof request.value['stop'] !== 'string') return takeStrings(request, 'stop')
  const stop = takeString(request, 'stop')
  return stop === undefined ? undefined : [stop]
}

function takeStrings(request: WireObject, key: string): readonly string[] | undefined {
  return takeArray(request, key)?.map((value, index) => {
    if (typeof value === 'string') return value
    throw wrongType(pointer(pointer(request.path, key), index), 'a string', value)
  })
}

/** `top_logprobs` only counts together with `logprobs`. */
function takeLogprobs(request: WireObject, report: ReportLoss): number | undefined {
  const isWanted = takeBoolean(request, 'logprobs')
  const alternatives = takeInteger(request, 'top_logprobs')
  if (isWanted === true) return alternatives ?? 0
  if (alternatives !== undefined && alternatives > 0) {
    const message = 'top_logprobs means nothing without logprobs'
    report({ code: 'param_unsupported', level: 'repaired', path: '/top_logprobs', message })
  }
  return undefined
}
