import type {
  BetaRequestDocumentBlock,
  BetaImageBlockParam,
  BetaMessageStreamParams,
  BetaTextBlockParam,
  BetaTool,
  BetaToolResultBlockParam,
  BetaToolUseBlockParam,
} from '@anthropic-ai/sdk/resources/beta/messages/messages'
import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionContentPartImage,
  ChatCompletionContentPartText,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionUserMessageParam,
} from 'openai/resources/chat/completions'
import { describe, expect, test } from 'vitest'

import {
  ConversionError,
  createConverter,
  profiles,
  type FormatName,
  type JsonObject,
  type JsonValue,
} from '../src/index.ts'
import { PDF, PNG } from './catalogue/request-bodies.ts'

/**
 * "Nothing is dropped silently", field by field: every member that a vendor's SDK types know is given a value that is not
 * its default. Either the upstream's body differs from the one without it, or a loss or refusal names its place. A member
 * that the SDK adds does not compile until it has a value here.
 */
type Values<Shape, Left extends PropertyKey = never> = { readonly [Name in Exclude<keyof Shape, Left>]-?: JsonValue }

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
}

/** Members of API version 2023-06-01 that the SDK's types no longer have. */
interface OlderMembers {
  readonly temperature: number
  readonly top_k: number
  readonly top_p: number
}

/** `betas` is a header; the messages and the model are what everything else is tried on. */
const MESSAGES_MEMBERS: Values<BetaMessageStreamParams & OlderMembers, 'betas' | 'messages' | 'model'> = {
  max_tokens: 777,
  billing_policy: { bill_to: { type: 'workspace' } },
  cache_control: { type: 'ephemeral' },
  compaction: { type: 'summarize' },
  container: 'container_1',
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  diagnostics: { previous_message_id: 'msg_1' },
  fallback_credit_token: 'token',
  fallbacks: [{ model: 'claude-sonnet-5' }],
  inference_geo: 'us',
  mcp_servers: [{ type: 'url', name: 's', url: 'https://example.com' }],
  metadata: { user_id: 'someone' },
  output_config: {
    effort: 'low',
    format: { type: 'json_schema', schema: SCHEMA },
    task_budget: { type: 'tokens', total: 100_000 },
  },
  output_format: { type: 'json_schema', schema: SCHEMA },
  service_tier: 'standard_only',
  speed: 'fast',
  stop_sequences: ['END'],
  stream: true,
  system: 'Be brief.',
  temperature: 0.25,
  thinking: { type: 'enabled', budget_tokens: 4_000, display: 'summarized' },
  thread: { type: 'create' },
  tool_choice: { type: 'any', disable_parallel_tool_use: true },
  tools: [{ name: 'other', input_schema: SCHEMA }],
  top_k: 7,
  top_p: 0.5,
  user_profile_id: 'profile_1',
  workspace_id: 'workspace_1',
}

const MESSAGES_PARTS: Readonly<Record<string, JsonObject>> = {
  '/messages/0/content/0': {
    cache_control: { type: 'ephemeral' },
    citations: [
      {
        type: 'char_location',
        cited_text: 'x',
        document_index: 0,
        document_title: 't',
        start_char_index: 0,
        end_char_index: 1,
      },
    ],
  } satisfies Values<BetaTextBlockParam, 'text' | 'type'>,
  '/messages/0/content/1': {
    cache_control: { type: 'ephemeral' },
    transformations: { coordinates: true },
  } satisfies Values<BetaImageBlockParam, 'source' | 'type'>,
  '/messages/0/content/2': {
    cache_control: { type: 'ephemeral' },
    citations: { enabled: true },
    context: 'about it',
    title: 'T',
  } satisfies Values<BetaRequestDocumentBlock, 'source' | 'type'>,
  '/messages/1/content/0': {
    input: { a: 'b' },
    cache_control: { type: 'ephemeral' },
    caller: { type: 'direct' },
    toolset_name: 'set',
  } satisfies Values<BetaToolUseBlockParam, 'id' | 'name' | 'type'>,
  '/messages/2/content/0': {
    content: 'seen',
    is_error: true,
    cache_control: { type: 'ephemeral' },
    toolset_name: 'set',
    tool_changes: [],
  } satisfies Partial<Values<BetaToolResultBlockParam>> & JsonObject,
  '/tools/0': {
    input_schema: SCHEMA,
    allowed_callers: ['direct'],
    cache_control: { type: 'ephemeral' },
    defer_loading: true,
    description: 'Looks.',
    eager_input_streaming: true,
    input_examples: [{ a: 'b' }],
    strict: true,
  } satisfies Values<BetaTool, 'name' | 'type'>,
  '/thinking': { display: 'updates', block_binding: { on_mismatch: 'drop' } },
  '/messages/1': { unheard_of: true },
  '': { unheard_of: { a: 1 } },
}

const MESSAGES_BASE: JsonObject = {
  model: 'm',
  max_tokens: 10_000,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hi' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } },
      ],
    },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] },
  ],
  tools: [{ name: 'look', input_schema: { type: 'object', properties: {} } }],
  thinking: { type: 'adaptive' },
}

/** `top_logprobs` only says how many; it counts with `logprobs`, whose loss speaks for both. */
const CHAT_MEMBERS: Values<ChatCompletionCreateParamsNonStreaming, 'messages' | 'model' | 'top_logprobs'> = {
  audio: { voice: 'alloy', format: 'wav' },
  frequency_penalty: 0.5,
  function_call: { name: 'old' },
  functions: [{ name: 'old', parameters: SCHEMA }],
  logit_bias: { '50256': -100 },
  logprobs: true,
  max_completion_tokens: 777,
  max_tokens: 778,
  metadata: { a: 'b' },
  modalities: ['text', 'audio'],
  moderation: { mode: 'strict' },
  n: 2,
  parallel_tool_calls: false,
  prediction: { type: 'content', content: 'x' },
  presence_penalty: 0.5,
  prompt_cache_key: 'key',
  prompt_cache_options: { mode: 'explicit' },
  prompt_cache_retention: '24h',
  reasoning_effort: 'high',
  response_format: { type: 'json_schema', json_schema: { name: 'x', description: 'd', schema: SCHEMA, strict: true } },
  safety_identifier: 'someone',
  seed: 5,
  service_tier: 'flex',
  stop: ['END'],
  store: true,
  stream: true,
  stream_options: { unheard_of: true },
  temperature: 0.25,
  tool_choice: 'required',
  tools: [{ type: 'function', function: { name: 'other', parameters: SCHEMA } }],
  top_p: 0.5,
  user: 'someone',
  verbosity: 'low',
  web_search_options: { search_context_size: 'low' },
}

const CHAT_PARTS: Readonly<Record<string, JsonObject>> = {
  '/messages/0': { name: 'ann', unheard_of: 1 } satisfies Values<ChatCompletionUserMessageParam, 'content' | 'role'> &
    JsonObject,
  '/messages/0/content/0': { prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } } satisfies Values<
    ChatCompletionContentPartText,
    'text' | 'type'
  >,
  '/messages/0/content/1': { prompt_cache_breakpoint: { mode: 'explicit' } } satisfies Values<
    ChatCompletionContentPartImage,
    'image_url' | 'type'
  >,
  '/messages/0/content/1/image_url': { detail: 'high' },
  '/messages/0/content/2/file': { filename: 'a.pdf' },
  '/messages/1': {
    audio: { id: 'audio_1' },
    content: 'let me see',
    function_call: { name: 'old', arguments: '{}' },
    name: 'bob',
    refusal: 'no',
  } satisfies Values<ChatCompletionAssistantMessageParam, 'role' | 'tool_calls'>,
  '/messages/1/tool_calls/0/function': { arguments: '{"a":"b"}' },
  '/messages/2': { content: 'seen' },
  '/tools/0/function': { description: 'Looks.', parameters: SCHEMA, strict: true, unheard_of: 1 },
  '': { unheard_of: { a: 1 }, top_k: 5 },
}

const CHAT_BASE: JsonObject = {
  model: 'm',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hi' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
        { type: 'file', file: { file_data: `data:application/pdf;base64,${PDF}` } },
      ],
    },
    { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'a', content: '' },
  ],
  tools: [{ type: 'function', function: { name: 'look' } }],
}

interface Field {
  readonly path: string
  readonly value: JsonValue
}

function fieldsOf(members: object, parts: Readonly<Record<string, JsonObject>>): Field[] {
  const places: (readonly [string, object])[] = [['', members], ...Object.entries(parts)]
  return places.flatMap(([place, values]) =>
    Object.entries(values).map(([name, value]): Field => ({ path: `${place}/${name}`, value: value as JsonValue })),
  )
}

/** The body with one member set, or without it. */
function withField(body: JsonObject, path: string, value: JsonValue | undefined): JsonObject {
  const copy: JsonObject = structuredClone(body)
  const names = path.split('/').slice(1)
  const last = names.pop() ?? ''
  // oxlint-disable-next-line typescript/no-explicit-any -- walks a JSON body by pointer
  let place: any = copy
  for (const name of names) place = place[name]
  if (value === undefined) delete place[last]
  else place[last] = value
  return copy
}

interface Converted {
  readonly text: string
  readonly places: readonly string[]
}

function convert(client: FormatName, model: string, body: JsonObject): Converted {
  const upstream = client === 'openai-chat' ? 'anthropic-messages' : 'openai-chat'
  try {
    const { request, losses } = createConverter({
      client,
      upstream,
      profile: profiles.resolve(upstream, model),
    }).exchange({ ...body, model })
    return { text: JSON.stringify(request), places: losses.map((loss) => loss.path) }
  } catch (error) {
    if (!ConversionError.is(error)) throw error
    return { text: `refused: ${error.message}`, places: [error.param ?? ''] }
  }
}

/** A field, or something inside it, is named. */
function isNamed({ places }: Converted, path: string): boolean {
  return places.some((place) => place === path || place.startsWith(`${path}/`))
}

describe.each(['gpt-5.2', 'gpt-4o', 'some-model'])('a Messages request for %s', (model) => {
  test.for(fieldsOf(MESSAGES_MEMBERS, MESSAGES_PARTS))('carries or reports $path', ({ path, value }) => {
    const given = convert('anthropic-messages', model, withField(MESSAGES_BASE, path, value))
    const without = convert(
      'anthropic-messages',
      model,
      withField(MESSAGES_BASE, path, path === '/max_tokens' ? 10_000 : undefined),
    )
    expect(given.text !== without.text || isNamed(given, path)).toBe(true)
  })
})

describe.each(['claude-opus-5', 'claude-sonnet-4-5', 'some-model'])('a Chat request for %s', (model) => {
  test.for(fieldsOf(CHAT_MEMBERS, CHAT_PARTS))('carries or reports $path', ({ path, value }) => {
    const given = convert('openai-chat', model, withField(CHAT_BASE, path, value))
    const without = convert('openai-chat', model, withField(CHAT_BASE, path, undefined))
    expect(given.text !== without.text || isNamed(given, path)).toBe(true)
  })
})
