import type { EncodedRequest, EncodeRequestContext } from '../codec.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import { isJsonObject, type JsonObject, type MutableJsonObject } from '../model/json.ts'
import { carryFields } from '../wire/vendor-fields.ts'
import { encodeMessages } from './encode-messages.ts'
import { encodeParameters } from './encode-parameters.ts'
import { encodeTools } from './encode-tools.ts'

/** Writes an adapted request as a Chat body. Total: what has no place is reported, never thrown. */
export function encodeRequest(request: ChatRequest, context: EncodeRequestContext): EncodedRequest {
  const body: MutableJsonObject = { model: request.model, messages: encodeMessages(request.turns, context) }
  const tools = encodeTools(request.tools, context)
  if (tools.length > 0) body['tools'] = tools
  encodeParameters(body, request, context)
  if (request.stream) {
    body['stream'] = true
    if (context.profile.dialect.includeUsage) body['stream_options'] = { include_usage: true }
  }
  return { body: carryFields(body, request, { title: 'Chat', context }), headers: {} }
}

/** Without a usage chunk a stream could not be counted; it is taken out again for clients that did not ask for it. */
export function prepareIdentity(body: JsonObject): JsonObject {
  const options = isJsonObject(body['stream_options']) ? body['stream_options'] : {}
  if (body['stream'] !== true || options['include_usage'] === true) return body
  return { ...body, stream_options: { ...options, include_usage: true } }
}
