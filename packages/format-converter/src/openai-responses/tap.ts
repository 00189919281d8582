import type { StreamTap, TapReading } from '../codec.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { readFailure } from './read-failure.ts'
import { decodeResponseUsage } from './usage.ts'
import { KEEP_ALIVE_FRAME, optionalString } from './wire.ts'

/** How events begin that hold nothing the tap needs. Other spellings are parsed: slower, never wrong. */
const PLAIN_EVENT = /^\{\s*"type"\s*:\s*"(?:keepalive|response\.[a-z_]+(?:\.[a-z_]+)+)"/
/** Frames without content: they do not open the first-event gate. */
const SILENT_EVENT =
  /^\{\s*"type"\s*:\s*"(?:keepalive|response\.(?:created|queued|in_progress|content_part\.(?:added|done)|reasoning_summary_part\.added|output_item\.done))"/
const ITEM_ADDED = /^\{\s*"type"\s*:\s*"response\.output_item\.added"/
/** Items that are empty when they are added: their first delta is what counts. */
const EMPTY_ITEM = /"type"\s*:\s*"(?:message|reasoning)"/

/** What the byte-exact path looks at in a Responses stream. */
export const tap: StreamTap = {
  mustParse: (_eventName, data) => !PLAIN_EVENT.test(data),
  isMeaningful: (_eventName, data) => !SILENT_EVENT.test(data) && !(ITEM_ADDED.test(data) && EMPTY_ITEM.test(data)),
  read,
  isDone: () => false,
  terminator: '', // without its terminal event a response is cut, whatever came before
  keepAlive: KEEP_ALIVE_FRAME, // the only one that is valid before `response.created` too
}

function read(body: JsonObject, eventName: string | undefined): TapReading {
  const type = eventName === 'error' ? 'error' : (body['type'] ?? eventName)
  switch (type) {
    case 'response.created':
    case 'response.queued':
    case 'response.in_progress':
      return readResponse(body)
    case 'response.completed':
    case 'response.incomplete':
      return { ...readResponse(body), hasFinish: true, isTerminal: true }
    case 'response.failed':
    case 'response.cancelled':
    case 'error':
      return { ...readResponse(body), failure: readFailure(body) }
    default:
      return isJsonObject(body['error']) ? { failure: decodeFailure(undefined, body) } : {}
  }
}

function readResponse(body: JsonObject): TapReading {
  const response = body['response']
  if (!isJsonObject(response)) return {}
  return {
    id: optionalString(response['id']),
    model: optionalString(response['model']),
    usage: decodeResponseUsage(response),
  }
}
