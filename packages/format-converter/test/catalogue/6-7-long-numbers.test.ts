import { describe, expect, it } from 'vitest'

import {
  createConverter,
  parseBody,
  toJsonText,
  type Exchange,
  type FormatName,
  type JsonObject,
} from '../../src/index.ts'
import { isJsonObject } from '../../src/model/json.ts'

const DIGITS = '12345678901234567890'
const ARGUMENTS = `{"n":${DIGITS},"list":[${DIGITS}]}`
const FORMATS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const
const PAIRS = FORMATS.flatMap((client) => FORMATS.map((upstream) => [client, upstream] as const))

type Format = (typeof FORMATS)[number]

/** Requests as their text, because that is where the digits are. */
const REQUESTS: { readonly [Name in Format]: string } = {
  'anthropic-messages': `{"model":"m","max_tokens":10,"messages":[{"role":"user","content":"x"},
    {"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"w","input":${ARGUMENTS}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"ok"}]}],
    "tools":[{"name":"w","input_schema":{"type":"object","properties":{"n":{"maximum":${DIGITS}}}}}]}`,
  'openai-chat': `{"model":"m","messages":[{"role":"user","content":"x"},
    {"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"w","arguments":${JSON.stringify(ARGUMENTS)}}}]},
    {"role":"tool","tool_call_id":"call_1","content":"ok"}],
    "tools":[{"type":"function","function":{"name":"w","parameters":{"type":"object","properties":{"n":{"maximum":${DIGITS}}}}}}]}`,
  'openai-responses': `{"model":"m","input":[{"role":"user","content":"x"},
    {"type":"function_call","call_id":"call_1","name":"w","arguments":${JSON.stringify(ARGUMENTS)}},
    {"type":"function_call_output","call_id":"call_1","output":"ok"}],
    "tools":[{"type":"function","name":"w","parameters":{"type":"object","properties":{"n":{"maximum":${DIGITS}}}}}]}`,
}

const ANSWERS: { readonly [Name in Format]: string } = {
  'anthropic-messages': `{"id":"msg_1","type":"message","role":"assistant","model":"m","stop_reason":"tool_use",
    "content":[{"type":"tool_use","id":"call_1","name":"w","input":${ARGUMENTS}}],"usage":{"input_tokens":1,"output_tokens":1}}`,
  'openai-chat': `{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"tool_calls",
    "message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"w","arguments":${JSON.stringify(ARGUMENTS)}}}]}}]}`,
  'openai-responses': `{"id":"resp_1","object":"response","status":"completed","model":"m","output":[
    {"id":"fc_1","type":"function_call","call_id":"call_1","name":"w","arguments":${JSON.stringify(ARGUMENTS)},"status":"completed"}]}`,
}

function objectOf(text: string): JsonObject {
  const value = parseBody(text)
  return isJsonObject(value) ? value : {}
}

function open(client: FormatName, upstream: FormatName, text: string): Exchange {
  return createConverter({ client, upstream }).exchange(objectOf(text))
}

function occurrences(text: string): number {
  return text.split(DIGITS).length - 1
}

describe('EC-177 long integers keep their digits', () => {
  it.for(PAIRS)('in the history and the schemas of a request from %s to %s', ([client, upstream]) => {
    expect(occurrences(toJsonText(open(client, upstream, REQUESTS[client]).request))).toBe(3)
  })

  it.for(PAIRS)('in a whole answer for %s from %s', ([client, upstream]) => {
    const { body } = open(client, upstream, REQUESTS[client]).response(objectOf(ANSWERS[upstream]))
    const inRepeatedTools = client === 'openai-responses' && client !== upstream ? 1 : 0
    expect(occurrences(toJsonText(body))).toBe(2 + inRepeatedTools)
  })

  it.for(PAIRS)('in a whole answer that comes in place of a stream for %s from %s', ([client, upstream]) => {
    const request = REQUESTS[client].replace('{"model":"m"', '{"model":"m","stream":true')
    const stream = open(client, upstream, request).stream()
    const sse = stream.push(new TextEncoder().encode(ANSWERS[upstream])) + stream.end()
    expect(occurrences(sse)).toBeGreaterThanOrEqual(2)
  })
})
