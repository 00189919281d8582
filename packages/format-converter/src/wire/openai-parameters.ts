import type { EncodeRequestContext } from '../codec.ts'
import type { Effort, OutputFormat, Reasoning, RequestParameters } from '../model/chat-request.ts'
import type { JsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { field, lost, type ParameterTable, type Write, type Writing } from './parameter-table.ts'
import {
  pointer,
  reportRest,
  requireObject,
  take,
  takeBoolean,
  takeObject,
  takeString,
  type WireObject,
} from './read-object.ts'

/** What a request of one of OpenAI's formats is written with. */
export interface OpenAiWriting extends Writing {
  readonly context: EncodeRequestContext
}

type SharedParameters = Pick<
  ParameterTable<OpenAiWriting>,
  'temperature' | 'topP' | 'parallelToolCalls' | 'automaticCache' | 'streamUsage'
>

/** Parameters that both of OpenAI's formats write alike. */
export const SHARED_PARAMETERS: SharedParameters = {
  temperature: field('temperature'),
  topP: field('top_p'),
  parallelToolCalls: ({ body, request }, { value }) => {
    if (request.tools.length > 0) body['parallel_tool_calls'] = value
  },
  automaticCache: lost('info', 'the upstream caches by itself', 'cache_mark_dropped'),
  streamUsage: () => undefined, // every answer says its usage, and it is handed on if the client wants it
}

/** Anthropic's fast mode is a tier here, and wins over another one. */
export const writeFastMode: Write<boolean, OpenAiWriting> = ({ body, context }, { value }) => {
  if (value) body['service_tier'] = context.options.fastTier
}

/** OpenAI's word for how much a model is to reason; `undefined` leaves that to the model. */
export function effortOf({ effort, mode }: Reasoning): string | undefined {
  return effort ?? (mode === 'off' ? 'none' : undefined)
}

/** OpenAI wants every schema named. */
export function schemaNameOf({ name = '' }: OutputFormat & { readonly type: 'json-schema' }): string {
  return name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'output'
}

/** Notes a parameter under its neutral name, unless it was not given. */
export type AddParameter = <Name extends keyof RequestParameters>(
  name: Name,
  key: string,
  value: RequestParameters[Name] | undefined,
) => void

const EFFORTS: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']
const VERBOSITIES = ['low', 'medium', 'high'] as const

/** One of a few words. Others stay unread, and are reported with the rest. */
function takeWord<Word extends string>(object: WireObject, key: string, words: readonly Word[]): Word | undefined {
  const word = words.find((candidate) => candidate === object.value[key])
  if (word !== undefined) take(object, key)
  return word
}

export function takeEffort(object: WireObject, key: string): Effort | undefined {
  return takeWord(object, key, EFFORTS)
}

export function takeVerbosity(object: WireObject): (typeof VERBOSITIES)[number] | undefined {
  return takeWord(object, 'verbosity', VERBOSITIES)
}

/** Reads what says nothing about the answer. */
export function addBookkeeping(request: WireObject, add: AddParameter): void {
  add('cacheKey', 'prompt_cache_key', takeString(request, 'prompt_cache_key'))
  add('cacheRetention', 'prompt_cache_retention', takeString(request, 'prompt_cache_retention'))
  add('cacheOptions', 'prompt_cache_options', withoutNulls(takeObject(request, 'prompt_cache_options')?.value))
  add('userId', 'user', takeString(request, 'user'))
  add('safetyIdentifier', 'safety_identifier', takeString(request, 'safety_identifier'))
  add('metadata', 'metadata', takeObject(request, 'metadata')?.value)
  add('serviceTier', 'service_tier', takeString(request, 'service_tier'))
}

/** A member that is `null` was not given. */
function withoutNulls(object: JsonObject | undefined): JsonObject | undefined {
  return object && Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
}

/**
 * Reads the wish for a form of the answer.
 *
 * @param nest - the member of a `json_schema` that holds its schema and name, where they do not stand in it itself
 */
export function readOutputFormat(
  format: WireObject | undefined,
  report: ReportLoss,
  nest?: string,
): OutputFormat | undefined {
  if (format === undefined) return undefined
  const type = takeString(format, 'type')
  if (type === 'json_schema') return readSchemaFormat(format, report, nest)
  reportRest(format, report)
  if (type === 'text') return { type: 'text' }
  if (type === 'json_object') return { type: 'json-object' }
  const message = 'the type of this form of the answer is not known and was not carried'
  report({ code: 'unknown_field', level: 'lossy', path: pointer(format.path, 'type'), message })
  return undefined
}

function readSchemaFormat(format: WireObject, report: ReportLoss, nest: string | undefined): OutputFormat {
  const declared = nest === undefined ? format : requireObject(format, nest)
  const name = takeString(declared, 'name')
  const description = takeString(declared, 'description')
  const schema = requireObject(declared, 'schema').value
  const strict = takeBoolean(declared, 'strict')
  for (const object of new Set([format, declared])) reportRest(object, report)
  return {
    type: 'json-schema',
    schema,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  }
}
