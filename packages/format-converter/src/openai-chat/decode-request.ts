import type { DecodeRequestContext } from '../codec.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { openObject, pointer, requireArray, requireString, takeArray, takeBoolean } from '../wire/read-object.ts'
import { readRest, type VendorMembers } from '../wire/vendor-fields.ts'
import { decodeMessages } from './decode-messages.ts'
import { decodeParameters, type PathOf } from './decode-parameters.ts'
import { decodeFunctions, decodeTools } from './decode-tools.ts'

/** Top-level fields that OpenAI documents and that no other format has. */
const REQUEST_MEMBERS: VendorMembers = {
  moderation: 'lossy',
  access_programs: 'lossy',
}

/**
 * Reads a Chat request into the neutral model. Faithful: every field that has no neutral meaning becomes a vendor
 * field, nothing is decided for a target.
 *
 * @throws ConversionError `invalid_request`, with the JSON Pointer of a field that is missing or of the wrong type
 */
export function decodeRequest(body: JsonObject, context: DecodeRequestContext): ChatRequest {
  const { report } = context
  const request = openObject(spreadExtraBody(body, report), '')
  const pathOf: PathOf = (key) => (Object.hasOwn(body, key) ? pointer('', key) : pointer('/extra_body', key))

  const model = requireString(request, 'model')
  const messages = requireArray(request, 'messages')
  const tools = decodeTools(takeArray(request, 'tools') ?? [], report)
  const functions = takeArray(request, 'functions')
  const usesLegacyFunctions = functions !== undefined && tools.length === 0
  const stream = takeBoolean(request, 'stream') ?? false
  const turns = decodeMessages(messages)
  const parameters = decodeParameters(request, report, pathOf)
  return {
    format: 'openai-chat',
    model,
    stream,
    turns,
    tools: [...tools, ...decodeFunctions(functions ?? [])],
    parameters,
    vendorFields: readRest(request, REQUEST_MEMBERS).map((field) => ({ ...field, path: pathOf(field.name) })),
    ...(usesLegacyFunctions && { usesLegacyFunctions }),
  }
}

/** What stands at the top wins over `extra_body`. */
function spreadExtraBody(body: JsonObject, report: ReportLoss): JsonObject {
  const extra = body['extra_body']
  if (!isJsonObject(extra)) return body
  for (const name of Object.keys(extra)) {
    if (!Object.hasOwn(body, name)) continue
    const message = 'the field stands at the top of the body too, and that one counts'
    report({ code: 'param_unsupported', level: 'info', path: pointer('/extra_body', name), message })
  }
  const { extra_body: _spread, ...own } = body
  return { ...extra, ...own }
}
