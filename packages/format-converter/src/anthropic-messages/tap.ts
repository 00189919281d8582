import type { StreamTap, TapReading } from '../codec.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { Usage } from '../model/usage.ts'
import { leadingType } from '../wire/leading-type.ts'
import { NO_MESSAGE } from './errors.ts'
import { decodeUsage, decodeUsageReport } from './usage.ts'
import { PING } from './wire.ts'

/** How events begin that hold nothing the tap needs. Other spellings are parsed: slower, never wrong. */
const PLAIN_EVENT = /^\{\s*"type"\s*:\s*"(?:content_block_(?:delta|start|stop)|ping)"/
/** What opens the first-event gate: a start, a ping, an end alone, and what nobody knows do not. */
const SPEAKING_TYPES: ReadonlySet<string> = new Set(['content_block_delta', 'message_delta', 'error'])
/** A block that is still empty: its first delta is what counts. */
const EMPTY_BLOCK = /"(?:text|thinking)"\s*:\s*""/

const WORDS = /"(?:text|thinking|partial_json)"\s*:\s*(?=")/g

/** What the byte-exact path looks at in a Messages stream. */
export const tap: StreamTap = {
  mustParse: (eventName, data) => eventName === 'error' || !PLAIN_EVENT.test(data),
  isMeaningful,
  read,
  words: WORDS,
  isDone: () => false,
  terminator: '', // without `message_stop` the SDKs throw, and so a stream without it is cut
  keepAlive: () => PING,
}

function isMeaningful(eventName: string | undefined, data: string): boolean {
  const type = leadingType(data) ?? eventName ?? ''
  return type === 'content_block_start' ? !EMPTY_BLOCK.test(data) : SPEAKING_TYPES.has(type)
}

function read(body: JsonObject, eventName: string | undefined, earlier?: Usage): TapReading {
  const type = eventName === 'error' ? 'error' : (body['type'] ?? eventName)
  switch (type) {
    case 'message_start':
      return readStart(body)
    case 'message_delta':
      return {
        usage: decodeUsageReport(body['usage'], earlier),
        hasFinish: isJsonObject(body['delta']) && body['delta']['stop_reason'] != null,
      }
    case 'message_stop':
      return { isTerminal: true }
    case 'error':
      return { failure: decodeFailure(undefined, body) }
    default:
      return isJsonObject(body['error']) ? { failure: decodeFailure(undefined, body) } : {}
  }
}

function readStart(body: JsonObject): TapReading {
  const message = body['message']
  if (!isJsonObject(message)) return { failure: NO_MESSAGE }
  const { id, model } = message
  return {
    isStart: true,
    id: typeof id === 'string' ? id : undefined,
    model: typeof model === 'string' ? model : undefined,
    usage: decodeUsage(message['usage']),
  }
}
