import type { EncodeRequestContext } from '../codec.ts'
import type { ChatRequest, OutputFormat, Parameter, Reasoning } from '../model/chat-request.ts'
import type { JsonObject, MutableJsonObject } from '../model/json.ts'
import {
  effortOf,
  schemaNameOf,
  SHARED_PARAMETERS,
  type OpenAiWriting,
  writeFastMode,
} from '../wire/openai-parameters.ts'
import { field, lost, type ParameterTable, type Write, writeParameters } from '../wire/parameter-table.ts'
import { isPassed } from '../wire/vendor-fields.ts'
import { encodeToolChoice } from './encode-tools.ts'

type Target = OpenAiWriting

/** What a strict server does with who asks: nothing. */
const NO_USER = lost('info', 'the upstream takes no identity of the user')

const TABLE: ParameterTable<Target> = {
  ...SHARED_PARAMETERS,
  safetyIdentifier: (target, parameter) => {
    const { safetyIdentifier, userField } = target.context.profile.dialect
    if (safetyIdentifier) target.body['safety_identifier'] = parameter.value
    else if (userField) target.body['user'] = parameter.value
    else NO_USER(target, parameter)
  },
  store: (target, parameter) => {
    // Other clients mean a store that Relay keeps itself.
    if (target.request.format === 'openai-chat') target.body['store'] = parameter.value
    else if (parameter.value) lost('info', 'the upstream is not asked to store the answer')(target, parameter)
  },
  maxOutputTokens: ({ body, context }, { value }) => {
    body[limitField(context)] = value
  },
  stop: ({ body }, { value }) => {
    if (value.length > 0) body['stop'] = value
  },
  maxToolCalls: lost('lossy', 'Chat has no limit for tool calls'),
  toolChoice: ({ body, request }, { value }) => {
    if (request.tools.length > 0) body['tool_choice'] = encodeToolChoice(value, request.tools)
  },
  topK: (target, parameter) => {
    // No word of the format: it needs an upstream that knows it, or one that takes what it is sent.
    const { dialect, passthrough } = target.context.profile
    if (dialect.topK || isPassed({ name: 'top_k', path: parameter.path }, passthrough))
      target.body['top_k'] = parameter.value
    else lost('lossy', 'the upstream does not take top_k')(target, parameter)
  },
  seed: field('seed'),
  frequencyPenalty: field('frequency_penalty'),
  presencePenalty: field('presence_penalty'),
  logitBias: field('logit_bias'),
  reasoning: writeReasoning,
  outputFormat: ({ body }, { value }) => {
    body['response_format'] = encodeOutputFormat(value)
  },
  verbosity: field('verbosity'),
  logprobs: ({ body }, { value }) => {
    body['logprobs'] = true
    if (value > 0) body['top_logprobs'] = value
  },
  choices: field('n'),
  modalities: field('modalities'),
  audioOutput: field('audio'),
  prediction: field('prediction'),
  webSearchOptions: onlyIf('webSearchOptions', field('web_search_options')),
  cacheKey: onlyIf('promptCacheKey', field('prompt_cache_key')),
  cacheRetention: onlyIf('promptCacheKey', field('prompt_cache_retention')),
  cacheOptions: onlyIf('explicitCache', writeCacheOptions),
  userId: (target, parameter) => {
    const { body, context } = target
    if (!context.profile.dialect.userField) return NO_USER(target, parameter)
    body['user'] ??= parameter.value
    if (body['user'] !== parameter.value)
      lost('info', 'the safety identifier stands in the place of the user')(target, parameter)
  },
  metadata: (target, parameter) => {
    // OpenAI takes metadata only for answers that it stores.
    if (target.body['store'] === true) target.body['metadata'] = parameter.value
    else lost('info', 'the upstream takes metadata only with stored answers')(target, parameter)
  },
  serviceTier: writeServiceTier,
  fastMode: writeFastMode,
  previousResponseId: lost('lossy', 'Chat keeps no conversation on the server', 'state_unsupported'),
  conversation: lost('lossy', 'Chat keeps no conversation on the server', 'state_unsupported'),
  background: lost('lossy', 'Chat does not answer in the background', 'state_unsupported'),
  truncation: lost('lossy', 'Chat does not shorten a conversation by itself'),
  contextManagement: lost('lossy', 'Chat does not manage the context'),
  include: lost('info', 'Chat has no list of extras'),
  reasoningSummary: lost('info', 'Chat has no choice of reasoning summaries'),
}

/** Writes the parameters of an adapted request into a Chat body; reports each one that Chat or the dialect lacks. */
export function encodeParameters(body: MutableJsonObject, request: ChatRequest, context: EncodeRequestContext): void {
  writeParameters(TABLE, { body, request, context })
}

type Flag = 'webSearchOptions' | 'promptCacheKey' | 'explicitCache'

/** What it means that a dialect does not have something. Caching is bookkeeping; the rest changes the answer. */
const LACKS: { readonly [Name in Flag]: Write<unknown> } = {
  webSearchOptions: lost('lossy', 'the upstream does not search the web', 'server_tool_dropped'),
  promptCacheKey: lost('info', 'the upstream does not take cache keys'),
  explicitCache: lost('info', 'the upstream does not take cache options'),
}

function onlyIf<Value>(flag: Flag, write: Write<Value, Target>): Write<Value, Target> {
  return (target, parameter) => {
    const entry = target.context.profile.dialect[flag] ? write : LACKS[flag]
    entry(target, parameter)
  }
}

function limitField({ profile }: EncodeRequestContext): string {
  const { maxTokensField } = profile.dialect
  if (maxTokensField !== 'auto') return maxTokensField
  return profile.model.isReasoningModel ? 'max_completion_tokens' : 'max_tokens'
}

/** Some servers switch reasoning on and off by a member of its own, beside the effort. */
function writeReasoning({ body, context }: Target, { value }: Parameter<Reasoning>): void {
  const { thinkingSwitch } = context.profile.dialect
  const isOff = value.mode === 'off'
  if (thinkingSwitch === 'thinking' && value.mode !== 'default')
    body['thinking'] = { type: isOff ? 'disabled' : 'enabled' }
  if (thinkingSwitch === 'enable_thinking' && value.mode !== 'default') body['enable_thinking'] = !isOff
  const effort = effortOf(value)
  if (effort !== undefined && (thinkingSwitch === 'none' || !isOff)) body['reasoning_effort'] = effort
}

function encodeOutputFormat(format: OutputFormat): JsonObject {
  switch (format.type) {
    case 'text':
      return { type: 'text' }
    case 'json-object':
      return { type: 'json_object' }
    case 'json-schema': {
      const { description, schema, strict } = format
      return { type: 'json_schema', json_schema: { name: schemaNameOf(format), description, schema, strict } }
    }
  }
}

/** Chat's options are `{mode, ttl: "30m"}`; other members, and other times, belong to Responses. */
function writeCacheOptions(target: Target, { value, path }: Parameter<JsonObject>): void {
  const { mode, ttl, ...others } = value
  const isKept = ttl === '30m' || ttl === undefined || ttl === null
  target.body['prompt_cache_options'] = { mode, ttl: ttl === '30m' ? ttl : undefined }
  for (const [name, lostValue] of Object.entries(isKept ? others : { ttl, ...others })) {
    const member = { value: lostValue, path: `${path}/${name.slice(0, 64)}` }
    lost('lossy', 'Chat has no such cache option')(target, member)
  }
}

/** The adaptation chose the words of the target; `ultrafast` is the one tier of OpenAI that Chat does not have. */
function writeServiceTier(target: Target, parameter: Parameter<string>): void {
  if (parameter.value !== 'ultrafast') target.body['service_tier'] = parameter.value
  else lost('lossy', 'Chat has no tier ultrafast', 'service_tier_changed')(target, parameter)
}
