import type { DecodeRequestContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, Parameter, Parameters } from '../model/chat-request.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { VendorField } from '../model/vendor-field.ts'
import {
  openObject,
  pointer,
  requireArray,
  required,
  requireString,
  take,
  takeArray,
  takeBoolean,
  takeInteger,
  takeNumber,
  takeObject,
  takeString,
  type WireObject,
  wrongType,
} from '../wire/read-object.ts'
import { readNestedRest, readRest } from '../wire/vendor-fields.ts'
import { decodeMessages, decodeSystem } from './decode-messages.ts'
import { decodeReasoning } from './reasoning.ts'
import { decodeToolChoice, decodeTools } from './tools.ts'
import { readCacheMark } from './vendor-members.ts'

/** Top-level fields that no other format has. */
const REQUEST_MEMBERS = {
  billing_policy: 'lossy',
  compaction: 'lossy',
  container: 'lossy',
  diagnostics: 'lossy',
  fallback_credit_token: 'lossy',
  fallbacks: 'lossy',
  inference_geo: 'lossy',
  mcp_servers: 'lossy',
  safeguards: 'lossy',
  speed: 'lossy',
  thread: 'lossy',
  user_profile_id: 'lossy',
  workspace_id: 'info',
} as const

/** Largest `max_tokens` that means anything; beyond it a client has made a mistake. */
const MAX_LIMIT = 100_000_000

/**
 * Reads a Messages request, or the body of a token count, into the neutral model. Faithful: what only Anthropic knows
 * becomes a vendor field, nothing is decided for a target.
 *
 * @throws ConversionError `invalid_request`, with the JSON Pointer of a field that is missing or of the wrong type
 */
export function decodeRequest(body: JsonObject, context: DecodeRequestContext): ChatRequest {
  const request = openObject(body, '')
  const model = requireString(request, 'model')
  const messages = requireArray(request, 'messages')
  const system = decodeSystem(take(request, 'system'))
  const tools = decodeTools(takeArray(request, 'tools') ?? [])
  const { parameters, vendorFields } = decodeParameters(request, context.isCount === true)
  return {
    format: 'anthropic-messages',
    model,
    stream: takeBoolean(request, 'stream') ?? false,
    turns: [...system, ...decodeMessages(messages)],
    tools,
    parameters,
    vendorFields: [...vendorFields, ...readRest(request, REQUEST_MEMBERS)],
  }
}

interface DecodedParameters {
  readonly parameters: Parameters
  /** Members of known objects that only Anthropic knows. */
  readonly vendorFields: readonly VendorField[]
}

function decodeParameters(request: WireObject, isCount: boolean): DecodedParameters {
  const choice = takeObject(request, 'tool_choice')
  const metadata = takeObject(request, 'metadata')
  const cache = takeObject(request, 'cache_control')
  const { toolChoice, parallelToolCalls } = decodeToolChoice(choice)
  const { reasoning, outputFormat, vendorFields } = decodeReasoning(request)
  const parameters = {
    maxOutputTokens: parameter('/max_tokens', decodeLimit(request, isCount)),
    stop: parameter('/stop_sequences', decodeStop(request)),
    temperature: parameter('/temperature', takeNumber(request, 'temperature')),
    topP: parameter('/top_p', takeNumber(request, 'top_p')),
    topK: parameter('/top_k', takeInteger(request, 'top_k')),
    toolChoice,
    parallelToolCalls,
    reasoning,
    outputFormat,
    userId: metadata && parameter('/metadata/user_id', takeString(metadata, 'user_id')),
    serviceTier: parameter('/service_tier', takeString(request, 'service_tier')),
    fastMode: parameter('/speed', decodeSpeed(request)),
    automaticCache: cache && parameter('/cache_control', readCacheMark(cache)),
    contextManagement: parameter('/context_management', take(request, 'context_management')),
  } satisfies Parameters
  return {
    parameters: withoutUndefined(parameters),
    vendorFields: [...vendorFields, ...readRestOf(choice), ...readRestOf(metadata), ...readRestOf(cache)],
  }
}

function readRestOf(object: WireObject | undefined): readonly VendorField[] {
  return object === undefined ? [] : readNestedRest(object)
}

function parameter<Value>(path: string, value: Value | undefined): Parameter<Value> | undefined {
  return value === undefined ? undefined : { value, path }
}

function withoutUndefined(parameters: Parameters): Parameters {
  const given: Record<string, unknown> = {}
  for (const name of Object.keys(parameters) as (keyof Parameters)[])
    if (parameters[name] !== undefined) given[name] = parameters[name]
  return given // the same parameters, absent ones left out
}

function decodeLimit(request: WireObject, isCount: boolean): number | undefined {
  const limit = takeInteger(request, 'max_tokens')
  if (limit === undefined) return isCount ? undefined : required(limit, '/max_tokens')
  if (limit >= 0 && limit <= MAX_LIMIT) return limit
  throw ConversionError.at('/max_tokens', 'invalid_request', `must be from 0 to ${MAX_LIMIT}, not ${limit}`)
}

function decodeStop(request: WireObject): readonly string[] | undefined {
  return takeArray(request, 'stop_sequences')?.map((sequence: JsonValue, index) => {
    if (typeof sequence === 'string') return sequence
    throw wrongType(pointer('/stop_sequences', index), 'a string', sequence)
  })
}

/** A speed of a later version stays where it is and becomes a vendor field. */
function decodeSpeed(request: WireObject): boolean | undefined {
  const speed = request.value['speed']
  if (speed !== 'fast' && speed !== 'standard') return undefined
  take(request, 'speed')
  return speed === 'fast'
}
