import type { ChatRequest } from '../model/chat-request.ts'
import type { FormatName } from '../model/format-name.ts'
import type { JsonObject } from '../model/json.ts'
import { isJsonObject } from '../model/json.ts'
import type { RestoredTool } from './restore-tools.ts'

/** A tool that goes by another name upstream. */
export interface RenamedTool extends RestoredTool {
  readonly wireName: string
}

/**
 * What the answer's conversion must know of the request. Plain JSON, so that a request and its answer may be converted
 * in two places.
 */
export interface ExchangeFacts {
  readonly client: FormatName
  readonly upstream: FormatName
  /** The model the client asked for. */
  readonly model: string
  readonly isStream: boolean
  readonly wantsStreamUsage: boolean
  readonly usesLegacyFunctions: boolean
  readonly showsReasoning: boolean
  readonly stop: readonly string[]
  readonly renamedTools: readonly RenamedTool[]
  /** Names of the tools as the upstream knows them, where a filter of the answer needs them. */
  readonly toolNames?: readonly string[] | undefined
  /** Rough size of the prompt in tokens: body characters / 4. */
  readonly inputTokenEstimate?: number | undefined
  /** What of the request an answer of the client's format repeats; never the conversation. */
  readonly repeatedMembers?: JsonObject | undefined
}

interface RequestFacts {
  readonly request: ChatRequest
  readonly upstream: FormatName
  readonly renamedTools: readonly RenamedTool[]
  readonly toolNames?: readonly string[] | undefined
  readonly inputTokenEstimate?: number | undefined
  readonly repeatedMembers?: JsonObject | undefined
}

/** The facts of a decoded request. */
export function factsOfRequest(known: RequestFacts): ExchangeFacts {
  const { request } = known
  const { parameters } = request
  const reasoning = parameters.reasoning?.value
  return {
    client: request.format,
    upstream: known.upstream,
    model: request.model,
    isStream: request.stream,
    wantsStreamUsage: parameters.streamUsage?.value === true,
    usesLegacyFunctions: request.usesLegacyFunctions === true,
    showsReasoning: reasoning?.mode !== 'off' && reasoning?.visibility !== 'omitted',
    stop: parameters.stop?.value ?? [],
    renamedTools: known.renamedTools,
    toolNames: known.toolNames,
    inputTokenEstimate: known.inputTokenEstimate,
    repeatedMembers: known.repeatedMembers,
  }
}

/** The facts of a request that goes out as it came, read from its top level only. */
export function factsOfBody(format: FormatName, body: JsonObject): ExchangeFacts {
  const streamOptions = body['stream_options']
  return {
    client: format,
    upstream: format,
    model: typeof body['model'] === 'string' ? body['model'] : '',
    isStream: body['stream'] === true,
    wantsStreamUsage: isJsonObject(streamOptions) && streamOptions['include_usage'] === true,
    usesLegacyFunctions: Array.isArray(body['functions']),
    showsReasoning: true,
    stop: [],
    renamedTools: [],
  }
}
