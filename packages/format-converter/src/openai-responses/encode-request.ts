import type { EncodedRequest, EncodeRequestContext } from '../codec.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { JsonObject, MutableJsonObject } from '../model/json.ts'
import { carryFields } from '../wire/vendor-fields.ts'
import { encodeConversation } from './encode-items.ts'
import { encodeTools } from './encode-tools.ts'
import { encodeParameters } from './parameters.ts'

/**
 * Writes an adapted request as a Responses body.
 *
 * @throws ConversionError `unsupported_feature` for wishes that change the shape of the answer
 */
export function encodeRequest(request: ChatRequest, context: EncodeRequestContext): EncodedRequest {
  const { instructions, input } = encodeConversation(request, context)
  const body: MutableJsonObject = { model: request.model }
  if (instructions !== undefined) body['instructions'] = instructions
  body['input'] = input
  const tools = encodeTools(request.tools, context)
  if (tools.length > 0) body['tools'] = tools
  encodeParameters(body, request, context)
  if (request.stream) body['stream'] = true
  return { body: carryFields(body, request, { title: 'Responses', context }), headers: {} }
}

/** Usage stands in every answer, so nothing has to be asked for. */
export function prepareIdentity(body: JsonObject): JsonObject {
  return body
}
