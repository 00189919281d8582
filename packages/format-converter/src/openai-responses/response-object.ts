import type { EncodeAnswerContext } from '../codec.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { objectsOf } from '../wire/loose.ts'
import { ID_PREFIX } from './wire.ts'

/** Members that a client gave and gets back as they were; what stands here is the answer when it gave none. */
const ECHOED: JsonObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'auto',
  store: false,
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  top_logprobs: 0,
  top_p: null,
  truncation: 'disabled',
}

/** Members that decide how an answer is written, although it does not repeat them. */
const NEEDED: readonly string[] = ['include', 'tools', 'user']

const NO_REQUEST: JsonObject = {}

/** What of a request its answer needs: the members it repeats, and the tools, but never the conversation. */
export function repeatedMembers(body: JsonObject): JsonObject {
  const names = [...Object.keys(ECHOED), ...NEEDED].filter((name) => Object.hasOwn(body, name))
  const members = Object.fromEntries(names.map((name): [string, JsonValue | undefined] => [name, body[name]]))
  const loaded = objectsOf(body['input']).filter((item) => item['type'] === 'additional_tools')
  return loaded.length === 0 ? members : { ...members, input: loaded }
}

/**
 * The response object without its outcome: ids, time, and the client's own request fields, as it spelled them.
 *
 * @remarks Source: `Response` of the SDK types; contract 4.4.
 */
export function createResponseObject(context: EncodeAnswerContext, upstreamModel: string | undefined): JsonObject {
  const request = context.clientRequest ?? NO_REQUEST
  return {
    id: ID_PREFIX + context.id,
    object: 'response',
    created_at: context.createdSeconds,
    status: 'in_progress',
    model: context.options.modelEcho === 'upstream' ? (upstreamModel ?? context.model) : context.model,
    output: [],
    error: null,
    incomplete_details: null,
    completed_at: null,
    access_programs: null,
    usage: null,
    ...echo(request),
    background: false, // whatever was asked for: this answer is given now
    tools: toolsOf(request['tools']),
    ...(typeof request['user'] === 'string' && { user: request['user'] }),
  }
}

function echo(request: JsonObject): JsonObject {
  const entries = Object.entries(ECHOED).map(([name, standard]): [string, JsonValue | undefined] => {
    const value = Object.hasOwn(request, name) ? request[name] : undefined
    return [name, value ?? standard]
  })
  return Object.fromEntries(entries)
}

/** Tools as they were declared, but without the credentials that some of them carry. */
function toolsOf(tools: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(tools)
    ? tools.map((tool) => (isJsonObject(tool) && tool['type'] === 'mcp' ? withoutCredentials(tool) : tool))
    : []
}

function withoutCredentials(tool: JsonObject): JsonObject {
  const { authorization: _token, headers: _headers, ...rest } = tool
  return rest
}
