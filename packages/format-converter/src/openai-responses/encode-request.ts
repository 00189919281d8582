import type { EncodedRequest, EncodeRequestContext } from '../codec.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { JsonObject, MutableJsonObject } from '../model/json.ts'
import type { VendorField } from '../model/vendor-field.ts'
import { isPassed, spreadExtraBody, withFields } from '../wire/vendor-fields.ts'
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
  const carried = spreadExtraBody(request.vendorFields).filter((field) => isCarried(field, request, context))
  return { body: withFields(body, carried, context.report), headers: {} }
}

/** Usage stands in every answer, so nothing has to be asked for. */
export function prepareIdentity(body: JsonObject): JsonObject {
  return body
}

/** Fields of this format's own go back; those of others only where the profile lets them through. */
function isCarried(field: VendorField, request: ChatRequest, { profile, report }: EncodeRequestContext): boolean {
  if (request.format === 'openai-responses' || isPassed(field, profile.passthrough)) return true
  const message = field.isKnown ? 'Responses has no such field' : 'field is not known and was not carried'
  report({ code: field.isKnown ? 'param_unsupported' : 'unknown_field', level: field.level, path: field.path, message })
  return false
}
