import type { EncodeRequestContext } from '../codec.ts'
import type { ChatRequest, OutputFormat, Parameter, Reasoning, RequestParameters } from '../model/chat-request.ts'
import type { JsonObject, JsonValue, MutableJsonObject } from '../model/json.ts'
import type { LossCode, LossLevel } from '../model/loss.ts'
import { isPassed } from '../wire/vendor-fields.ts'
import { encodeToolChoice } from './encode-tools.ts'

/** Where an entry of the table writes, and what it may look at. */
interface Target {
  readonly body: MutableJsonObject
  readonly request: ChatRequest
  readonly context: EncodeRequestContext
}

type Write<Value> = (target: Target, parameter: Parameter<Value>) => void

/** Every parameter is written or reported: the compiler refuses a parameter without an entry. */
type ParameterTable = { readonly [Name in keyof RequestParameters]: Write<RequestParameters[Name]> }

const TABLE: ParameterTable = {
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
  parallelToolCalls: ({ body, request }, { value }) => {
    if (request.tools.length > 0) body['parallel_tool_calls'] = value
  },
  temperature: field('temperature'),
  topP: field('top_p'),
  topK: (target, parameter) => {
    // No word of the format: it needs an upstream that knows it, or one that takes what it is sent.
    const { dialect, passthrough } = target.context.profile
    if (dialect.topK || isPassed({ name: 'top_k', path: parameter.path }, passthrough))
      target.body['top_k'] = parameter.value
    else report(target, parameter, { level: 'lossy', message: 'the upstream does not take top_k' })
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
  automaticCache: lost('info', 'the upstream caches by itself', 'cache_mark_dropped'),
  cacheKey: onlyIf('promptCacheKey', field('prompt_cache_key')),
  cacheRetention: onlyIf('promptCacheKey', field('prompt_cache_retention')),
  cacheOptions: onlyIf('explicitCache', writeCacheOptions),
  userId: (target, parameter) => {
    const { body, context } = target
    if (!context.profile.dialect.userField) return report(target, parameter, NO_USER)
    body['user'] ??= parameter.value
    if (body['user'] !== parameter.value)
      report(target, parameter, { level: 'info', message: 'the safety identifier stands in the place of the user' })
  },
  safetyIdentifier: (target, parameter) => {
    const { safetyIdentifier, userField } = target.context.profile.dialect
    if (safetyIdentifier) target.body['safety_identifier'] = parameter.value
    else if (userField) target.body['user'] = parameter.value
    else report(target, parameter, NO_USER)
  },
  metadata: (target, parameter) => {
    // OpenAI takes metadata only for answers that it stores.
    if (target.body['store'] === true) target.body['metadata'] = parameter.value
    else report(target, parameter, { level: 'info', message: 'the upstream takes metadata only with stored answers' })
  },
  serviceTier: writeServiceTier,
  fastMode: ({ body, context }, { value }) => {
    if (value) body['service_tier'] = context.options.fastTier
  },
  previousResponseId: lost('lossy', 'Chat keeps no conversation on the server', 'state_unsupported'),
  conversation: lost('lossy', 'Chat keeps no conversation on the server', 'state_unsupported'),
  store: (target, parameter) => {
    // Other clients mean a store that Relay keeps itself.
    if (target.request.format === 'openai-chat') target.body['store'] = parameter.value
    else if (parameter.value)
      report(target, parameter, { level: 'info', message: 'the upstream is not asked to store the answer' })
  },
  background: lost('lossy', 'Chat does not answer in the background', 'state_unsupported'),
  truncation: lost('lossy', 'Chat does not shorten a conversation by itself'),
  contextManagement: lost('lossy', 'Chat does not manage the context'),
  include: lost('info', 'Chat has no list of extras'),
  reasoningSummary: lost('info', 'Chat has no choice of reasoning summaries'),
  streamUsage: () => undefined, // usage is asked for in every stream, and handed on if the client wants it
}

/** The order in which entries run: `metadata` looks at `store`, `user` gives way to the safety identifier. */
const ORDER: readonly (keyof RequestParameters)[] = [
  'store',
  'safetyIdentifier',
  ...(Object.keys(TABLE) as (keyof RequestParameters)[]).filter(
    (name) => name !== 'store' && name !== 'safetyIdentifier',
  ),
]

/** Writes the parameters of an adapted request into a Chat body; reports each one that Chat or the dialect lacks. */
export function encodeParameters(body: MutableJsonObject, request: ChatRequest, context: EncodeRequestContext): void {
  const target: Target = { body, request, context }
  for (const name of ORDER) writeParameter(target, name)
}

function writeParameter(target: Target, name: keyof RequestParameters): void {
  const parameter = target.request.parameters[name]
  // Parameters and TABLE are mapped from one interface, so that the entry fits the value.
  if (parameter !== undefined) (TABLE[name] as Write<unknown>)(target, parameter)
}

function field(name: string): Write<JsonValue> {
  return ({ body }, { value }) => {
    body[name] = value
  }
}

function lost(level: LossLevel, message: string, code: LossCode = 'param_unsupported'): Write<unknown> {
  return (target, parameter) => report(target, parameter, { level, message, code })
}

/** What a strict server does with who asks: nothing. */
const NO_USER: Lost = { level: 'info', message: 'the upstream takes no identity of the user' }

interface Lost {
  readonly level: LossLevel
  readonly message: string
  readonly code?: LossCode
}

type Flag = 'webSearchOptions' | 'promptCacheKey' | 'explicitCache'

/** What it means that a dialect does not have something. Caching is bookkeeping; the rest changes the answer. */
const LACKS: { readonly [Name in Flag]: Lost } = {
  webSearchOptions: { level: 'lossy', message: 'the upstream does not search the web', code: 'server_tool_dropped' },
  promptCacheKey: { level: 'info', message: 'the upstream does not take cache keys' },
  explicitCache: { level: 'info', message: 'the upstream does not take cache options' },
}

function onlyIf<Value>(flag: Flag, write: Write<Value>): Write<Value> {
  return (target, parameter) => {
    if (target.context.profile.dialect[flag]) write(target, parameter)
    else report(target, parameter, LACKS[flag])
  }
}

function report(
  { context }: Target,
  { path }: Parameter<unknown>,
  { level, message, code = 'param_unsupported' }: Lost,
): void {
  context.report({ code, level, path, message })
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

function effortOf(reasoning: Reasoning): string | undefined {
  return reasoning.effort ?? (reasoning.mode === 'off' ? 'none' : undefined)
}

/** OpenAI wants every schema named. */
const DEFAULT_SCHEMA_NAME = 'output'

function encodeOutputFormat(format: OutputFormat): JsonObject {
  switch (format.type) {
    case 'text':
      return { type: 'text' }
    case 'json-object':
      return { type: 'json_object' }
    case 'json-schema': {
      const { description, schema, strict } = format
      const name = (format.name ?? '').replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || DEFAULT_SCHEMA_NAME
      return { type: 'json_schema', json_schema: { name, description, schema, strict } }
    }
  }
}

/** Chat's options are `{mode, ttl: "30m"}`; other members belong to Responses. */
function writeCacheOptions(target: Target, parameter: Parameter<JsonObject>): void {
  const { mode, ttl, ...others } = parameter.value
  target.body['prompt_cache_options'] = { mode, ttl: ttl === '30m' ? ttl : undefined }
  for (const name of Object.keys(others)) {
    const path = `${parameter.path}/${name.slice(0, 64)}`
    target.context.report({ code: 'param_unsupported', level: 'info', path, message: 'Chat has no such cache option' })
  }
}

/** The adaptation chose the words of the target; `ultrafast` is the one tier of OpenAI that Chat does not have. */
function writeServiceTier(target: Target, parameter: Parameter<string>): void {
  if (parameter.value !== 'ultrafast') target.body['service_tier'] = parameter.value
  else
    report(target, parameter, { level: 'lossy', message: 'Chat has no tier ultrafast', code: 'service_tier_changed' })
}
