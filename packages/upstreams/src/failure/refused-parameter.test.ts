import type { Failure } from '@relay/format-converter'
import { expect, test } from 'vitest'

import { readRefusedParameter } from './refused-parameter.ts'

const BODY: Readonly<Record<string, unknown>> = {
  model: 'm',
  messages: [],
  max_tokens: 9,
  temperature: 0.2,
  top_p: 0.9,
  seed: 7,
  tools: [],
  reasoning: { effort: 'high' },
  stream_options: { include_usage: true },
  context_management: { edits: [] },
  parallel_tool_calls: true,
}

function has(path: readonly string[]): boolean {
  let value: unknown = BODY
  for (const name of path)
    value =
      typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
  return value !== undefined
}

function read(message: string, more: Partial<Failure> = {}, isChat = true): string | undefined {
  return readRefusedParameter({ kind: 'invalid_request', message, ...more }, { has, isChat })
}

test.for([
  ["Unsupported parameter: 'temperature' is not supported with this model.", 'temperature'],
  [
    "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
    'temperature',
  ],
  ['Unrecognized request argument supplied: parallel_tool_calls', 'parallel_tool_calls'],
  ['context_management: Extra inputs are not permitted', 'context_management'],
  ['temperature: Extra inputs are not permitted', 'temperature'],
  ['`temperature` and `top_p` cannot both be specified for this model. Please use only one.', 'top_p'],
  ['`temperature` may only be set to 1 when thinking is enabled.', 'temperature'],
  ["ChatCompletion() got an unexpected keyword argument 'seed'", 'seed'],
  ['Invalid JSON payload received. Unknown name "seed": Cannot find field.', 'seed'],
  ["property 'stream_options' is unsupported", 'stream_options'],
  ["Unsupported parameter: 'reasoning.effort' is not supported with this model.", 'reasoning.effort'],
  [
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    'max_tokens',
  ],
  ['This model does not support temperature', 'temperature'],
  ['Argument not supported on this model: top_p', 'top_p'],
  ["unexpected property 'seed'", 'seed'],
  ['The parameter `seed` is not permitted.', 'seed'],
] as const)('%s', ([message, parameter]) => {
  expect(read(message)).toBe(parameter)
})

test.for([
  'temperature: must be a number',
  "Invalid value: 'temperature' must be between 0 and 2",
  'messages.1.output_config: Extra inputs are not permitted',
  "Unsupported parameter: 'logit_bias' is not supported with this model.", // was not sent
  'This model does not support tools',
  'prompt is too long: 5 tokens > 4 maximum',
])('%s: nothing to leave out', (message) => {
  expect(read(message)).toBeUndefined()
})

test('the field that names the parameter counts before the words', () => {
  expect(read('no', { upstreamCode: 'unsupported_parameter', param: '/seed' })).toBe('seed')
  expect(read('Unknown parameter', { param: 'body.reasoning.effort' })).toBe('reasoning.effort')
})

test('a limit that a format cannot do without stays', () => {
  expect(read('max_tokens: Extra inputs are not permitted', {}, false)).toBeUndefined()
})

test('other failures name no parameter', () => {
  expect(read("'temperature' is not supported", { kind: 'overloaded' })).toBeUndefined()
})
