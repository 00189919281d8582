import type { EncodeRequestContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, OutputFormat, Parameter, Reasoning, RequestParameters } from '../model/chat-request.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type MutableJsonObject } from '../model/json.ts'
import type { LossCode, LossLevel } from '../model/loss.ts'
import { encodeToolChoice } from './encode-tools.ts'
import { INCLUDE_LOGPROBS, INCLUDE_PROOFS, objectsOf, stringOf } from './wire.ts'

/** Where an entry of the table writes, and what it may look at. */
interface Target {
  readonly body: MutableJsonObject
  readonly include: Set<string>
  readonly request: ChatRequest
  readonly context: EncodeRequestContext
}

type Write<Value> = (target: Target, parameter: Parameter<Value>) => void

/** Every parameter is written or reported: the compiler refuses a parameter without an entry. */
type ParameterTable = { readonly [Name in keyof RequestParameters]: Write<RequestParameters[Name]> }

/** Fewest tokens that the format takes. */
const LEAST_OUTPUT_TOKENS = 16

/** OpenAI wants every schema named. */
const DEFAULT_SCHEMA_NAME = 'output'

const TABLE: ParameterTable = {
  maxOutputTokens: (target, parameter) => {
    const value = Math.max(LEAST_OUTPUT_TOKENS, parameter.value)
    target.body['max_output_tokens'] = value
    if (value === parameter.value) return
    lost('repaired', 'the format takes no fewer than 16 tokens', 'max_tokens_clamped')(target, parameter)
  },
  stop: unless((value) => value.length === 0, lost('lossy', 'Responses has no stop sequences', 'stop_unsupported')),
  maxToolCalls: field('max_tool_calls'),
  toolChoice: ({ body, request }, { value }) => {
    if (request.tools.length > 0) body['tool_choice'] = encodeToolChoice(value, request.tools)
  },
  parallelToolCalls: ({ body, request }, { value }) => {
    if (request.tools.length > 0) body['parallel_tool_calls'] = value
  },
  temperature: field('temperature'),
  topP: field('top_p'),
  topK: field('top_k'), // no word of the format: the adaptation leaves it to upstreams that take it
  seed: lost('lossy', 'Responses has no seed'),
  frequencyPenalty: unless((value) => value === 0, lost('lossy', 'Responses has no penalties')),
  presencePenalty: unless((value) => value === 0, lost('lossy', 'Responses has no penalties')),
  logitBias: unless((value) => Object.keys(value).length === 0, lost('lossy', 'Responses has no logit bias')),
  reasoning: ({ body }, { value }) => writeReasoning(body, { effort: effortOf(value), summary: summaryOf(value) }),
  outputFormat: ({ body }, { value }) => writeText(body, { format: encodeOutputFormat(value) }),
  verbosity: ({ body }, { value }) => writeText(body, { verbosity: value }),
  logprobs: ({ body, include }, { value }) => {
    include.add(INCLUDE_LOGPROBS)
    if (value > 0) body['top_logprobs'] = value
  },
  choices: unless((value) => value <= 1, refuse('this upstream gives one answer; send n: 1 or several requests')),
  modalities: unless(
    (value) => value.every((modality) => modality === 'text'),
    refuse('this upstream answers in text only'),
  ),
  audioOutput: refuse('this upstream has no audio output'),
  prediction: lost('lossy', 'Responses takes no predicted output'),
  webSearchOptions: ({ body }, { value }) => {
    const tools = isJsonArray(body['tools']) ? body['tools'] : []
    body['tools'] = [...tools, encodeWebSearch(value)]
  },
  automaticCache: lost('info', 'the upstream caches by itself', 'cache_mark_dropped'),
  cacheKey: onlyIf('promptCacheKey', field('prompt_cache_key')),
  cacheRetention: onlyIf('promptCacheKey', field('prompt_cache_retention')),
  cacheOptions: (target, parameter) => {
    const { explicitCache, prewarm } = target.context.profile.dialect
    if (explicitCache || prewarm) target.body['prompt_cache_options'] = parameter.value
    else lost('info', 'the upstream takes no wishes about its cache')(target, parameter)
  },
  userId: (target, parameter) => {
    target.body['user'] ??= parameter.value
    if (target.body['user'] !== parameter.value)
      lost('info', 'the safety identifier stands in the place of the user')(target, parameter)
  },
  safetyIdentifier: ({ body, context }, { value }) => {
    body[context.profile.dialect.safetyIdentifier ? 'safety_identifier' : 'user'] = value
  },
  metadata: field('metadata'),
  serviceTier: field('service_tier'),
  fastMode: ({ body, context }, { value }) => {
    if (value) body['service_tier'] = context.options.fastTier
  },
  previousResponseId: field('previous_response_id'),
  conversation: field('conversation'),
  store: field('store'),
  background: field('background'),
  truncation: field('truncation'),
  contextManagement: writeContextManagement,
  include: ({ include }, { value }) => {
    for (const name of value) include.add(name)
  },
  reasoningSummary: ({ body }, { value }) => writeReasoning(body, { summary: value }),
  streamUsage: () => undefined, // usage stands in the terminal event, and is handed on if the client wants it
}

/** The safety identifier runs first, because `user` gives way to it; the summary's own words run after the wish. */
const ORDER: readonly (keyof RequestParameters)[] = [
  'safetyIdentifier',
  ...(Object.keys(TABLE) as (keyof RequestParameters)[]).filter((name) => name !== 'safetyIdentifier'),
]

/**
 * Writes the parameters of an adapted request into a Responses body; reports each one that the format or the dialect
 * lacks.
 *
 * @throws ConversionError `unsupported_feature` for wishes that change the shape of the answer
 */
export function encodeParameters(body: MutableJsonObject, request: ChatRequest, context: EncodeRequestContext): void {
  const target: Target = { body, include: new Set(), request, context }
  for (const name of ORDER) writeParameter(target, name)
  // Nothing is kept upstream unless the client says so; what is not kept must be given back to be replayed.
  body['store'] ??= false
  if (body['store'] === false && context.profile.model.isReasoningModel) target.include.add(INCLUDE_PROOFS)
  if (target.include.size > 0) body['include'] = [...target.include]
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
  return ({ context }, { path }) => context.report({ code, level, path, message })
}

function unless<Value>(isNeutral: (value: Value) => boolean, write: Write<NoInfer<Value>>): Write<Value> {
  return (target, parameter) => {
    if (!isNeutral(parameter.value)) write(target, parameter)
  }
}

function refuse(reason: string): Write<unknown> {
  return (_target, { path }) => {
    throw new ConversionError('unsupported_feature', `${path}: ${reason}`, { param: path })
  }
}

function onlyIf<Value>(flag: 'promptCacheKey', write: Write<Value>): Write<Value> {
  return (target, parameter) => {
    if (target.context.profile.dialect[flag]) write(target, parameter)
    else lost('info', 'the upstream takes no wishes about its cache')(target, parameter)
  }
}

function effortOf({ effort, mode }: Reasoning): string | undefined {
  return effort ?? (mode === 'off' ? 'none' : undefined)
}

function summaryOf({ visibility }: Reasoning): string | undefined {
  if (visibility === undefined || visibility === 'omitted') return undefined
  return visibility === 'detailed' ? 'detailed' : 'auto'
}

function writeReasoning(
  body: MutableJsonObject,
  wish: { readonly effort?: string | undefined; readonly summary?: string | undefined },
): void {
  const earlier = isJsonObject(body['reasoning']) ? body['reasoning'] : {}
  const { effort, summary } = wish
  const reasoning = { ...earlier, ...(effort !== undefined && { effort }), ...(summary !== undefined && { summary }) }
  if (Object.keys(reasoning).length > 0) body['reasoning'] = reasoning
}

function writeText(body: MutableJsonObject, members: JsonObject): void {
  const earlier = isJsonObject(body['text']) ? body['text'] : {}
  body['text'] = { ...earlier, ...members }
}

function encodeOutputFormat(format: OutputFormat): JsonObject {
  switch (format.type) {
    case 'text':
      return { type: 'text' }
    case 'json-object':
      return { type: 'json_object' }
    case 'json-schema': {
      const { description, schema, strict } = format
      const name = (format.name ?? '').replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || DEFAULT_SCHEMA_NAME
      return {
        type: 'json_schema',
        name,
        schema,
        ...(description !== undefined && { description }),
        ...(strict !== undefined && { strict }),
      }
    }
  }
}

/** Chat's options as a tool: the place is flat here, and domains are filters. */
function encodeWebSearch(options: JsonObject): JsonObject {
  const location = isJsonObject(options['user_location']) ? options['user_location'] : undefined
  const place = isJsonObject(location?.['approximate']) ? location['approximate'] : location
  const size = options['search_context_size']
  const filters = options['filters']
  return {
    type: 'web_search',
    ...(place !== undefined && { user_location: { ...place, type: 'approximate' } }),
    ...(typeof size === 'string' && { search_context_size: size }),
    ...(isJsonObject(filters) && { filters }),
  }
}

/** OpenAI's own list goes back; of Anthropic's edits only the compaction has a counterpart. */
function writeContextManagement(target: Target, parameter: Parameter<JsonValue>): void {
  const { value, path } = parameter
  if (isJsonArray(value)) {
    target.body['context_management'] = value
    return
  }
  const edits = isJsonObject(value) ? objectsOf(value['edits']) : []
  const entries = edits.flatMap((edit, index) => {
    const trigger = isJsonObject(edit['trigger']) ? edit['trigger']['value'] : undefined
    if (stringOf(edit['type']).startsWith('compact_'))
      return [{ type: 'compaction', ...(typeof trigger === 'number' && { compact_threshold: trigger }) }]
    lost('lossy', 'Responses has no such edit of the context')(target, { value: edit, path: `${path}/edits/${index}` })
    return []
  })
  if (entries.length > 0) target.body['context_management'] = entries
}
