import { describe, expect, it } from 'vitest'

import { ConversionError, convertRequest, profiles, type FormatName, type JsonObject, type Loss } from '../src/index.ts'
import { membersOf } from '../src/testing/members.ts'
import { CONTENT_BLOCKS, MEMBERS, MINIMAL_REQUEST, TOOLS } from '../src/testing/messages-samples.ts'
import { PDF, PNG } from './catalogue/request-bodies.ts'

/** Members whose only value says what is the case anyway. */
const SILENT: readonly RegExp[] = [
  /\/type$/, // the kind of a thing shows in what becomes of it
  /\/role$/,
  /\/mode$/, // of a cache mark: there is but one
  /\/is_error$/, // false is the default
  /\/media_type$/, // a text document has but one
  /\/enabled$/, // citations are reported where they are asked for
  /^\/thinking$/, // an effort alone says the same; the amount is looked at below
  /^\/thinking\/display$/, // omitted is the default
  /^\/tools\/0\/name$/, // a client tool of Anthropic has but one name; others are refused without
  /^\/messages\/2\/name$/, // a tool result repeats the name of its call
  /^\/messages\/\d+\/tool_call_id$/, // without it the message is refused
  /^\/top_logprobs$/, // goes with logprobs
  /^\/stream_options/, // decides what the client is shown of the answer
]

const ASSISTANT_KINDS: ReadonlySet<unknown> = new Set([
  'thinking',
  'redacted_thinking',
  'tool_use',
  'server_tool_use',
  'web_search_tool_result',
  'mcp_tool_use',
  'compaction',
])

function withContent(block: JsonObject): JsonObject {
  const role = ASSISTANT_KINDS.has(block['type']) ? 'assistant' : 'user'
  const call = { type: 'tool_use', id: 't1', name: 'n', input: { a: 1 } }
  const calling = block['type'] === 'tool_result' ? [{ role: 'assistant', content: [call] }] : []
  return { ...MINIMAL_REQUEST, messages: [...MINIMAL_REQUEST.messages, ...calling, { role, content: [block] }] }
}

const FROM_MESSAGES: readonly (readonly [name: string, body: JsonObject])[] = [
  ...Object.entries(CONTENT_BLOCKS).map(([name, block]) => [`content: ${name}`, withContent(block)] as const),
  ...Object.entries(MEMBERS).map(([name, part]) => [`request: ${name}`, { ...MINIMAL_REQUEST, ...part }] as const),
  ...Object.entries(TOOLS).map(([name, tool]) => [`tool: ${name}`, { ...MINIMAL_REQUEST, tools: [tool] }] as const),
]

const CHAT: JsonObject = { model: 'm', messages: [{ role: 'user', content: 'x' }] }
const PARAMETERS: JsonObject = { type: 'object', properties: { a: { type: 'string' } } }
const STRICT: JsonObject = { ...PARAMETERS, required: ['a'], additionalProperties: false }
const FUNCTION: JsonObject = { type: 'function', function: { name: 'f', parameters: PARAMETERS } }
const CALL: JsonObject = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }

const user = (part: JsonObject): JsonObject => ({
  ...CHAT,
  messages: [{ role: 'user', content: [part, { type: 'text', text: 'y' }] }],
})
const conversation = (...messages: JsonObject[]): JsonObject => ({
  ...CHAT,
  messages: [{ role: 'user', content: 'x' }, ...messages, { role: 'user', content: 'z' }],
})
const chat = (rest: JsonObject): JsonObject => ({ ...CHAT, ...rest })
const tooled = (rest: JsonObject): JsonObject => ({ ...CHAT, tools: [FUNCTION], ...rest })

const FROM_CHAT: Readonly<Record<string, JsonObject>> = {
  'text part': user({ type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' }, odd: 1 }),
  'image part': user({ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}`, detail: 'high', odd: 1 } }),
  'image by URL': user({ type: 'image_url', image_url: { url: 'https://a.example/x.png', detail: 'low' } }),
  'file part': user({
    type: 'file',
    file: { file_data: `data:application/pdf;base64,${PDF}`, filename: 'a.pdf', odd: 1 },
  }),
  'audio part': user({ type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } }),
  system: conversation({ role: 'system', content: 'late', name: 'ops' }),
  'two system messages': chat({
    messages: [
      { role: 'system', content: 'one' },
      { role: 'developer', content: 'two' },
      { role: 'user', content: 'x', name: 'Ann' },
    ],
  }),
  assistant: conversation({ role: 'assistant', content: 'a', refusal: 'no', reasoning_content: 'why', odd: 1 }),
  call: conversation(
    { role: 'assistant', tool_calls: [CALL] },
    { role: 'tool', tool_call_id: 'call_1', content: 'out', name: 'f' },
  ),
  'custom call': conversation(
    { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'p', input: 'raw' } }] },
    { role: 'tool', tool_call_id: 'call_1', content: 'out' },
  ),
  limits: chat({ max_completion_tokens: 50, stop: ['x'] }),
  sampling: chat({
    temperature: 0.5,
    top_p: 0.5,
    top_k: 5,
    seed: 7,
    frequency_penalty: 0.5,
    presence_penalty: 0.5,
    logit_bias: { 1: 5 },
  }),
  'log probabilities': chat({ logprobs: true, top_logprobs: 2 }),
  reasoning: chat({ reasoning_effort: 'high' }),
  verbosity: chat({ verbosity: 'low' }),
  'schema format': chat({
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'n', description: 'd', schema: STRICT, strict: true, odd: 1 },
    },
  }),
  'object format': chat({ response_format: { type: 'json_object' } }),
  prediction: chat({ prediction: { type: 'content', content: 'x' } }),
  'web search': chat({
    web_search_options: {
      search_context_size: 'low',
      user_location: { type: 'approximate', approximate: { city: 'Bonn' } },
    },
  }),
  caching: chat({ prompt_cache_key: 'k', prompt_cache_retention: '24h', prompt_cache_options: { mode: 'explicit' } }),
  identity: chat({ user: 'u', metadata: { a: 'b' }, safety_identifier: 's' }),
  tier: chat({ service_tier: 'flex', store: true }),
  'vendor fields': chat({ moderation: { model: 'm' }, provider: { order: ['x'] }, odd: 1 }),
  'function tool': tooled({
    tools: [
      { type: 'function', function: { name: 'f', description: 'd', parameters: PARAMETERS, strict: true, odd: 1 } },
    ],
  }),
  'custom tool': tooled({
    tools: [
      {
        type: 'custom',
        custom: {
          name: 'p',
          description: 'd',
          format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } },
        },
      },
    ],
  }),
  'tool choice': tooled({ tool_choice: { type: 'function', function: { name: 'f' } }, parallel_tool_calls: false }),
}

interface Outcome {
  readonly body: string
  readonly losses: readonly Loss[]
}

/** `undefined` when the request is refused: a refusal is no silence. */
function convert(from: FormatName, model: string, body: JsonObject): Outcome | undefined {
  try {
    const profile = profiles.resolve('openai-responses', model)
    const { body: converted, losses } = convertRequest({ from, to: 'openai-responses', body, profile })
    return { body: JSON.stringify(converted), losses }
  } catch (error) {
    if (ConversionError.is(error)) return undefined
    throw error
  }
}

function isSpokenOf(path: string, losses: readonly Loss[]): boolean {
  const pattern = path.replaceAll(/\/\d+/g, '/*')
  return losses.some((loss) => {
    const place = loss.path.replaceAll(/\/\d+/g, '/*')
    return place.startsWith(pattern) || pattern.startsWith(`${place}/`)
  })
}

function silentMembers(from: FormatName, model: string, body: JsonObject): string[] {
  const outcome = convert(from, model, body)
  return membersOf(body)
    .filter(({ path }) => !SILENT.some((pattern) => pattern.test(path)))
    .filter(({ path, without }) => {
      const other = convert(from, model, without)
      if (outcome === undefined || other === undefined || other.body !== outcome.body) return false
      return !isSpokenOf(path, outcome.losses)
    })
    .map(({ path }) => path)
}

const MODELS = ['gpt-5.2', 'some-model'] as const

describe.for(MODELS)('a Messages request on its way to %s', (model) => {
  it.for(FROM_MESSAGES)('loses nothing without a word: %s', ([, body]) => {
    expect(silentMembers('anthropic-messages', model, body)).toEqual([])
  })
})

describe.for(MODELS)('a Chat request on its way to %s', (model) => {
  it.for(Object.entries(FROM_CHAT))('loses nothing without a word: %s', ([, body]) => {
    expect(silentMembers('openai-chat', model, body)).toEqual([])
  })
})
