import type { DecodeRequestContext } from '../codec.ts'
import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { JsonObject } from '../model/json.ts'
import { openObject, requireString, take, takeArray, takeBoolean, takeString } from '../wire/read-object.ts'
import { readRest, type VendorMembers } from '../wire/vendor-fields.ts'
import { decodeInput } from './decode-items.ts'
import { decodeParameters } from './decode-parameters.ts'
import { addLoadedTools, decodeToolList } from './decode-tools.ts'

/** Top-level fields that no other format has. */
const REQUEST_MEMBERS: VendorMembers = {
  access_programs: 'lossy',
  client_metadata: 'info',
  image: 'lossy',
  moderation: 'lossy',
}

/**
 * Reads a Responses request, or the body of a token count, into the neutral model. Faithful: what has no neutral meaning
 * becomes a vendor field, nothing is decided for a target.
 *
 * @throws ConversionError `invalid_request`, with the JSON Pointer of a field that is missing or of the wrong type;
 * `unsupported_feature` for what only the upstream that keeps it can look up
 */
export function decodeRequest(body: JsonObject, context: DecodeRequestContext): ChatRequest {
  const { report } = context
  const isCount = context.isCount === true
  const request = openObject(body, '')
  const model = requireString(request, 'model')
  const stream = takeBoolean(request, 'stream') ?? false
  const instructions = takeString(request, 'instructions')
  const declared = decodeToolList(takeArray(request, 'tools') ?? [], '/tools', report)
  const { conversation, tools, update } = decodeInput(take(request, 'input'), instructions, { report, isCount })
  if (take(request, 'prompt') !== undefined && !isCount) throw storedPrompt()
  const parameters = decodeParameters(request, update, report)
  return {
    format: 'openai-responses',
    model,
    stream,
    turns: conversation.turns(),
    tools: addLoadedTools(declared, tools),
    parameters,
    vendorFields: readRest(request, REQUEST_MEMBERS),
  }
}

function storedPrompt(): ConversionError {
  const message = '/prompt: prompts that are stored upstream cannot be looked up here; send the messages themselves'
  return new ConversionError('unsupported_feature', message, { param: '/prompt' })
}
