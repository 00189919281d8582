import type { StreamSeen, StreamTap, TapReading } from '../codec.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { leadingType } from '../wire/leading-type.ts'
import { optionalString } from '../wire/loose.ts'
import { failureOfResponse, isBroken, readFailure } from './read-failure.ts'
import { decodeResponseUsage } from './usage.ts'
import { encodeEvent, isOfItem, KEEP_ALIVE_FRAME } from './wire.ts'

/** How the types of this format begin; of what others mix in nobody knows what it means. */
const OWN_TYPE = 'response.'
/** Frames without content: they do not open the first-event gate. */
const SILENT_TYPES: ReadonlySet<string> = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.content_part.added',
  'response.content_part.done',
  'response.reasoning_summary_part.added',
  'response.output_item.done',
])
/** Items that are empty when they are added: their first delta is what counts. */
const EMPTY_ITEM = /"type"\s*:\s*"(?:message|reasoning)"/

const WORDS = /"delta"\s*:\s*(?=")/g

/** What the byte-exact path looks at in a Responses stream. */
export const tap: StreamTap = {
  // A spelling that is not OpenAI's own is parsed: slower, never wrong.
  mustParse: (eventName, data) => eventName === 'error' || !isOfItem(leadingType(data) ?? ''),
  isMeaningful,
  read,
  words: WORDS,
  isDone: () => false,
  terminator: '', // without its terminal event a response is cut, whatever came before
  keepAlive,
}

/** Codex does not count comments, but before `response.created` there is nothing else. */
function keepAlive({ answerId, events = 1 }: StreamSeen): string {
  return answerId === undefined ? KEEP_ALIVE_FRAME : encodeEvent('keepalive', events - 1, {})
}

function isMeaningful(eventName: string | undefined, data: string): boolean {
  const type = leadingType(data) ?? eventName ?? ''
  if (type === 'response.output_item.added') return !EMPTY_ITEM.test(data)
  return type === 'error' || (type.startsWith(OWN_TYPE) && !SILENT_TYPES.has(type))
}

function read(body: JsonObject, eventName: string | undefined): TapReading {
  const type = eventName === 'error' ? 'error' : (optionalString(body['type']) ?? eventName)
  switch (type) {
    case 'response.created':
    case 'response.queued':
    case 'response.in_progress':
      return readResponse(body)
    case 'response.completed':
    case 'response.incomplete':
      return { ...readResponse(body), ...readEnd(body['response']) }
    case 'response.failed':
    case 'response.cancelled':
    case 'error':
      return { ...readResponse(body), failure: readFailure(body) }
    default:
      return isJsonObject(body['error']) ? { failure: decodeFailure(undefined, body) } : {}
  }
}

function readEnd(response: JsonValue | undefined): TapReading {
  const isFailed = isJsonObject(response) && isBroken(response)
  return isFailed ? { failure: failureOfResponse(response) } : { hasFinish: true, isTerminal: true }
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
