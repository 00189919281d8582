import type { StreamTap, TapReading } from '../codec.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { brokenOff, failureOf, usageOf } from './decode-stream.ts'
import { decodeFinishReason } from './stop-reason.ts'
import { DONE_FRAME, KEEP_ALIVE_FRAME } from './wire.ts'

/** A value that is not `null`, `""`, `[]` or `{}`. */
const FILLED = String.raw`\s*:\s*(?:[^n"[{\s]|"[^"]|\[\s*[^\]\s]|\{\s*[^}\s])`
const REPORT = new RegExp(String.raw`"(?:usage|finish_reason|role)"${FILLED}|"error"|"choices"\s*:\s*\[\s*\]`)
/** How an event begins that is no chunk, but tells of trouble in a proxy's own words. */
const STRANGER = /^\s*\{\s*"(?:detail|message|errors|code|status)"/
/** Almost every chunk begins with its id: `{"id"`. */
const ID = 0x69
/** Where the words themselves may stand; see `saidBy`. */
const WORDS_ALONE = String.raw`"(?:delta|message|text)"\s*:\s*"[^"]`
const SOMETHING_SAID = new RegExp(
  `"(?:content|reasoning_content|reasoning|thinking|refusal|finish_reason|reasoning_details|thinking_blocks|images)"${FILLED}|"audio"\\s*:\\s*\\{\\s*"|${WORDS_ALONE}`,
)
/** A call that never gets a name is none, whatever else comes of it. */
const CALL = new RegExp(`"(?:tool_calls|function_call)"${FILLED}`)
const NAME = /"name"\s*:\s*"[^"]/

/** A detail of reasoning repeats what `reasoning` says. */
const WORDS =
  /(?:"(?:content|reasoning_content|reasoning|thinking|refusal|arguments|input|delta|message)"|(?<!"reasoning\.text"\s*,\s*)"text")\s*:\s*(?=")/g

/**
 * Looks at Chat events without parsing them. Inside a JSON string every quote is escaped, so a quoted name that is
 * found in the text is a real name (or a whole string of the same letters, which only costs a parse). One expression
 * for all names: it reads the text once.
 */
export const tap: StreamTap = {
  mustParse: (eventName, data) => eventName === 'error' || isStranger(data) || REPORT.test(data),
  isMeaningful: (_eventName, data) => SOMETHING_SAID.test(data) || (CALL.test(data) && NAME.test(data)),
  read,
  words: WORDS,
  isDone: (data) => data.trim() === '[DONE]',
  terminator: DONE_FRAME,
  keepAlive: () => KEEP_ALIVE_FRAME,
}

function isStranger(data: string): boolean {
  return data.charCodeAt(2) !== ID && STRANGER.test(data)
}

function read(body: JsonObject, eventName: string | undefined): TapReading {
  const choices = isJsonArray(body['choices']) ? body['choices'] : []
  const failure = eventName === 'error' ? decodeFailure(undefined, body) : (failureOf(body) ?? breakOf(choices))
  if (failure !== undefined) return { failure }
  const usage = usageOf(body)
  const model = body['model']
  return {
    model: typeof model === 'string' && model !== '' ? model : undefined,
    usage,
    hasFinish: choices.some(hasFinish),
    choices: new Map(choices.map((choice) => [numberOf(choice), hasFinish(choice)])),
    isUsageOnly: choices.length === 0 && (usage !== undefined || (body['usage'] ?? null) !== null),
  }
}

/** A reason to stop that is none: of the first choice, by which an answer is judged. */
function breakOf(choices: readonly JsonValue[]): Failure | undefined {
  const first = choices.find((choice) => numberOf(choice) === 0)
  const reason = isJsonObject(first) ? first['finish_reason'] : undefined
  return typeof reason === 'string' && decodeFinishReason(reason) === 'error' ? brokenOff(reason) : undefined
}

/** The first one needs no number. */
function numberOf(choice: JsonValue): number {
  const index = isJsonObject(choice) ? choice['index'] : undefined
  return typeof index === 'number' ? index : 0
}

function hasFinish(choice: JsonValue): boolean {
  return isJsonObject(choice) && decodeFinishReason(choice['finish_reason']) !== undefined
}
