import type { EncodeRequestContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, OutputFormat, Parameter, Reasoning } from '../model/chat-request.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type MutableJsonObject } from '../model/json.ts'
import { stringOf } from '../wire/loose.ts'
import {
  effortOf,
  schemaNameOf,
  SHARED_PARAMETERS,
  type OpenAiWriting,
  writeFastMode,
} from '../wire/openai-parameters.ts'
import { field, lost, type ParameterTable, type Write, unless, writeParameters } from '../wire/parameter-table.ts'
import { encodeToolChoice } from './encode-tools.ts'
import { INCLUDE_LOGPROBS, INCLUDE_PROOFS } from './wire.ts'

/** Where an entry of the table writes, and what it may look at. */
interface Target extends OpenAiWriting {
  readonly include: Set<string>
}

/** Fewest tokens that the format takes. */
const LEAST_OUTPUT_TOKENS = 16

const TABLE: ParameterTable<Target> = {
  ...SHARED_PARAMETERS,
  safetyIdentifier: ({ body, context }, { value }) => {
    body[context.profile.dialect.safetyIdentifier ? 'safety_identifier' : 'user'] = value
  },
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
  choices: unless(
    (value) => value <= 1,
    refuse('this upstream gives one answer; send n: 1 or several requests (n_unsupported)'),
  ),
  modalities: unless(
    (value) => value.every((modality) => modality === 'text'),
    refuse('this upstream answers in text only'),
  ),
  audioOutput: refuse('this upstream has no audio output'),
  prediction: lost('lossy', 'Responses takes no predicted output'),
  webSearchOptions: lost('lossy', 'Responses has a tool in their place', 'server_tool_dropped'), // the adaptation makes it
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
  metadata: field('metadata'),
  serviceTier: field('service_tier'),
  fastMode: writeFastMode,
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
}

/**
 * Writes the parameters of an adapted request into a Responses body; reports each one that the format or the dialect
 * lacks.
 *
 * @throws ConversionError `unsupported_feature` for wishes that change the shape of the answer
 */
export function encodeParameters(body: MutableJsonObject, request: ChatRequest, context: EncodeRequestContext): void {
  const target: Target = { body, include: new Set(), request, context }
  writeParameters(TABLE, target)
  // Nothing is kept upstream unless the client says so; what is not kept must be given back to be replayed.
  body['store'] ??= false
  if (body['store'] === false && context.profile.model.isReasoningModel) target.include.add(INCLUDE_PROOFS)
  if (target.include.size > 0) body['include'] = [...target.include]
}

function refuse(reason: string): Write<unknown> {
  return (_target, { path }) => {
    throw ConversionError.at(path, 'unsupported_feature', reason)
  }
}

function onlyIf<Value>(flag: 'promptCacheKey', write: Write<Value, Target>): Write<Value, Target> {
  return (target, parameter) => {
    if (target.context.profile.dialect[flag]) write(target, parameter)
    else lost('info', 'the upstream takes no wishes about its cache')(target, parameter)
  }
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
      return {
        type: 'json_schema',
        name: schemaNameOf(format),
        schema,
        ...(description !== undefined && { description }),
        ...(strict !== undefined && { strict }),
      }
    }
  }
}

/** OpenAI's own list goes back; of Anthropic's edits only the compaction has a counterpart. */
function writeContextManagement(target: Target, { value, path }: Parameter<JsonValue>): void {
  if (isJsonArray(value)) {
    target.body['context_management'] = value
    return
  }
  const { edits, ...others } = isJsonObject(value) ? value : { edits: value }
  loseMembers(target, others, path)
  if (!isJsonArray(edits)) return loseMembers(target, { edits }, path)
  const entries = edits.flatMap((edit, index) => writeCompaction(target, edit, `${path}/edits/${index}`))
  if (entries.length > 0) target.body['context_management'] = entries
}

function writeCompaction(target: Target, edit: JsonValue, path: string): JsonObject[] {
  if (!isJsonObject(edit) || !stringOf(edit['type']).startsWith('compact_')) {
    LOSE_EDIT(target, { value: edit, path })
    return []
  }
  const { type: _type, trigger, ...others } = edit
  const limit = isJsonObject(trigger) && trigger['type'] === 'input_tokens' ? trigger['value'] : undefined
  if (typeof limit === 'number') loseMembers(target, others, path)
  else loseMembers(target, { trigger, ...others }, path)
  return [{ type: 'compaction', ...(typeof limit === 'number' && { compact_threshold: limit }) }]
}

function loseMembers(target: Target, members: Readonly<Record<string, JsonValue | undefined>>, path: string): void {
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined && value !== null) LOSE_EDIT(target, { value, path: `${path}/${name}` })
  }
}

const LOSE_EDIT = lost('lossy', 'Responses has no such edit of the context')
