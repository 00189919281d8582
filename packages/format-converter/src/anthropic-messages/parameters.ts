import type { EncodeRequestContext } from '../codec.ts'
import type { ChatRequest, OutputFormat, Parameter, Reasoning } from '../model/chat-request.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type MutableJsonObject } from '../model/json.ts'
import type { LossCode, LossLevel } from '../model/loss.ts'
import {
  field,
  lost,
  type ParameterTable,
  type Write,
  type Writing,
  unless,
  writeParameters,
} from '../wire/parameter-table.ts'
import { encodeEffort, encodeThinking } from './reasoning.ts'
import { encodeToolChoice } from './tools.ts'
import { encodeCacheMark } from './vendor-members.ts'

/** The body under construction, and where losses go. */
interface Target extends Writing {
  readonly context: EncodeRequestContext
  /** The request came in this format: its own words need no translation. */
  readonly isOwnFormat: boolean
}

const TABLE: ParameterTable<Target> = {
  maxOutputTokens: field('max_tokens'),
  stop: field('stop_sequences'),
  temperature: field('temperature'),
  topP: field('top_p'),
  topK: field('top_k'),
  toolChoice: ({ body }, { value }) => {
    body['tool_choice'] = encodeToolChoice(value)
  },
  parallelToolCalls: writeParallelCalls,
  reasoning: writeReasoning,
  outputFormat: writeOutputFormat,
  userId: writeUserId,
  safetyIdentifier: writeUserId,
  automaticCache: ({ body }, { value }) => {
    body['cache_control'] = encodeCacheMark(value)
  },
  serviceTier: writeServiceTier,
  fastMode: writeFastMode,
  contextManagement: (target, parameter) => {
    if (target.isOwnFormat) target.body['context_management'] = parameter.value
    else writeCompactions(target, parameter)
  },
  maxToolCalls: drop('max_tool_calls', 'lossy'),
  seed: drop('seed', 'lossy'),
  frequencyPenalty: dropUnless('frequency_penalty', (value) => value === 0),
  presencePenalty: dropUnless('presence_penalty', (value) => value === 0),
  logitBias: dropUnless('logit_bias', (value) => Object.keys(value).length === 0),
  verbosity: dropUnless('verbosity', (value) => value === 'medium'),
  logprobs: drop('logprobs', 'lossy', 'logprobs_dropped'),
  choices: dropUnless('n', (value) => value === 1, 'choices_dropped'),
  modalities: dropUnless('modalities', (value) => value.every((modality) => modality === 'text')),
  audioOutput: drop('audio', 'lossy'),
  prediction: drop('prediction', 'info'),
  webSearchOptions: drop('web_search_options', 'lossy', 'server_tool_dropped'),
  cacheKey: drop('prompt_cache_key', 'info'),
  cacheRetention: drop('prompt_cache_retention', 'info'),
  cacheOptions: drop('prompt_cache_options', 'info'),
  metadata: drop('metadata', 'info'),
  previousResponseId: drop('previous_response_id', 'lossy', 'state_unsupported'),
  conversation: drop('conversation', 'lossy', 'state_unsupported'),
  store: drop('store', 'info'),
  background: dropUnless('background', (value) => !value, 'state_unsupported'),
  truncation: dropUnless('truncation', (value) => value === 'disabled'),
  include: drop('include', 'info'),
  reasoningSummary: reportLoneSummary,
  streamUsage: () => undefined, // a Messages stream always reports usage
}

/** Writes the parameters of an adapted request into a Messages body; reports each one that the format lacks. */
export function encodeParameters(body: MutableJsonObject, request: ChatRequest, context: EncodeRequestContext): void {
  writeParameters(TABLE, { body, request, context, isOwnFormat: request.format === 'anthropic-messages' })
}

function drop(name: string, level: LossLevel, code?: LossCode): Write<unknown> {
  return lost(level, `${name} has no counterpart in Messages and was not carried`, code)
}

/** Values that only spell out the default need no word. */
function dropUnless<Value>(name: string, isNeutral: (value: Value) => boolean, code?: LossCode): Write<Value> {
  return unless(isNeutral, drop(name, 'lossy', code))
}

/** Of OpenAI's list, a compaction has a counterpart where the upstream takes it. */
function writeCompactions(target: Target, { value, path }: Parameter<JsonValue>): void {
  if (!isJsonArray(value) || value.length === 0) return lose(target, path, 'context_management')
  const edits = value.flatMap((entry, index) => writeCompaction(target, entry, `${path}/${index}`))
  if (edits.length > 0) target.body['context_management'] = { edits }
}

function writeCompaction(target: Target, entry: JsonValue, path: string): JsonObject[] {
  const canCompact = target.context.profile.dialect.compactionBeta !== ''
  if (!canCompact || !isJsonObject(entry) || entry['type'] !== 'compaction') {
    lose(target, path, 'an edit of the context')
    return []
  }
  const { type: _type, compact_threshold: limit, ...others } = entry
  for (const name of Object.keys(others)) lose(target, `${path}/${name}`, `${name} of a compaction`)
  if (typeof limit === 'number') return [{ type: COMPACT, trigger: { type: 'input_tokens', value: limit } }]
  if (limit !== undefined && limit !== null) lose(target, `${path}/compact_threshold`, 'compact_threshold')
  return [{ type: COMPACT }]
}

const COMPACT = 'compact_20260112'

function lose({ context }: Target, path: string, name: string): void {
  context.report({
    code: 'param_unsupported',
    level: 'lossy',
    path,
    message: `${name} of another format has no counterpart in Messages and was not carried`,
  })
}

/** The ban stands inside `tool_choice`, which is made for it when there is none; `none` needs no ban. */
function writeParallelCalls({ body }: Target, { value: isAllowed }: Parameter<boolean>): void {
  if (isAllowed || body['tools'] === undefined) return
  const choice = isJsonObject(body['tool_choice']) ? body['tool_choice'] : { type: 'auto' }
  if (choice['type'] !== 'none') body['tool_choice'] = { ...choice, disable_parallel_tool_use: true }
}

function writeReasoning({ body }: Target, { value: reasoning }: Parameter<Reasoning>): void {
  const thinking = encodeThinking(reasoning)
  const effort = encodeEffort(reasoning.effort)
  if (thinking !== undefined) body['thinking'] = thinking
  if (effort !== undefined) body['output_config'] = { ...outputConfig(body), effort }
}

/** Every summary that can be shown is `thinking.display`, so there must be thinking. */
function reportLoneSummary({ body, context }: Target, { path }: Parameter<string>): void {
  if (body['thinking'] !== undefined) return
  const message = 'no reasoning is asked for of which a summary could be shown'
  context.report({ code: 'param_unsupported', level: 'info', path, message })
}

function writeOutputFormat({ body, context }: Target, { value: format, path }: Parameter<OutputFormat>): void {
  if (format.type === 'text') return
  if (format.type === 'json-schema') {
    body['output_config'] = { ...outputConfig(body), format: { type: 'json_schema', schema: format.schema } }
    if (format.description !== undefined) {
      context.report({ code: 'param_unsupported', level: 'info', path, message: 'Messages does not describe schemas' })
    }
    return
  }
  context.report({
    code: 'response_format_degraded',
    level: 'degraded',
    path,
    message: 'JSON without a schema cannot be demanded in Messages',
  })
}

function outputConfig(body: JsonObject): JsonObject {
  return isJsonObject(body['output_config']) ? body['output_config'] : {}
}

function writeUserId({ body }: Target, { value }: Parameter<string>): void {
  body['metadata'] = { user_id: value }
}

function writeServiceTier({ body, context }: Target, { value: tier, path }: Parameter<string>): void {
  if (tier === 'auto' || tier === 'standard_only') {
    body['service_tier'] = tier
    return
  }
  context.report({
    code: 'param_unsupported',
    level: 'lossy',
    path,
    message: 'this service tier has no counterpart in Messages',
    detail: { value: tier.slice(0, 64) },
  })
}

/** The standard speed is the default; it is written only where the client wrote it. */
function writeFastMode({ body, isOwnFormat }: Target, { value: isFast }: Parameter<boolean>): void {
  if (isFast) body['speed'] = 'fast'
  else if (isOwnFormat) body['speed'] = 'standard'
}
