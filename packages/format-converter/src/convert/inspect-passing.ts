import type { TapReading } from '../codec.ts'
import { type Failure, SECOND_ANSWER } from '../model/failure.ts'
import { isJsonObject } from '../model/json.ts'
import { mergeUsage, USAGE_INCONSISTENT, type Usage } from '../model/usage.ts'
import { readEvent } from '../sse/read-event.ts'
import { parseJson } from '../wire/raw-json.ts'
import { countWords } from './count-words.ts'
import { beginContent, isOver, type PassThrough, reject } from './passing-stream.ts'
import { readPlainEvents } from './read-plain-events.ts'

export const MALFORMED: Failure = {
  kind: 'upstream_protocol',
  message: 'the upstream sent an event that is not valid JSON',
}

/** The end of a Chat stream, which some proxies write everywhere. */
const DONE = '[DONE]'

/** One byte a character: enough for the ASCII that is looked for, and offsets stay byte offsets. */
const LATIN1 = new TextDecoder('latin1')
const UTF8 = new TextDecoder()

/** Whether a packet holds nothing but whole events that need no parsing, as almost every packet does. */
export function isPlain(stream: PassThrough, chunk: Uint8Array): boolean {
  if (!stream.hasContent || stream.held !== undefined || stream.splitter.pendingBytes() > 0) return false
  const { tap } = stream.init.codec
  const events = readPlainEvents(chunk)
  if (events?.every(({ name, data }) => !tap.mustParse(name, data)) !== true) return false
  stream.eventsIn += events.length
  stream.eventsPassed += events.length
  for (const { data } of events) stream.tokensSaid += countWords(data, tap.words)
  return true
}

/** @returns whether the event goes on to the client */
export function inspect(stream: PassThrough, event: Uint8Array): boolean {
  if (isOver(stream) || stream.isTerminated) return false
  const { tap } = stream.init.codec
  const { name, data } = readEvent(LATIN1.decode(withoutMark(stream, event)))
  if (data === undefined) return true
  stream.eventsIn += 1
  if (tap.isDone(data)) stream.isTerminated = true
  else if (data === DONE) return false // of another format: it means nothing here, and clients would read it as JSON
  else if (!isWhole(data)) return reject(stream, MALFORMED)
  else if (tap.mustParse(name, data)) return inspectParsed(stream, event)
  if (!stream.hasContent && tap.isMeaningful(name, data)) beginContent(stream)
  stream.eventsPassed += 1
  stream.tokensSaid += countWords(UTF8.decode(event), tap.words)
  return true
}

/** A stream may begin with a byte order mark, which is no part of its first line. */
function withoutMark({ eventsIn }: PassThrough, event: Uint8Array): Uint8Array {
  const isMarked = eventsIn === 0 && event[0] === 0xef && event[1] === 0xbb && event[2] === 0xbf
  return isMarked ? event.subarray(3) : event
}

function inspectParsed(stream: PassThrough, event: Uint8Array): boolean {
  const { tap } = stream.init.codec
  const { name, data = '' } = readEvent(UTF8.decode(event))
  const body = parseJson(data)
  if (!isJsonObject(body)) return reject(stream, MALFORMED)
  const reading = tap.read(body, name, stream.usage)
  const failure = learn(stream, reading)
  if (failure !== undefined) return reject(stream, failure)
  if (reading.hasFinish === true || tap.isMeaningful(name, data)) beginContent(stream)
  if (stream.init.dropsUsageChunk && reading.isUsageOnly === true) return false
  stream.eventsPassed += 1
  stream.tokensSaid += countWords(data, tap.words)
  return true
}

/** @returns what ends the stream */
function learn(stream: PassThrough, reading: TapReading): Failure | undefined {
  const failure = beginsAgain(stream.learned, reading) ? SECOND_ANSWER : reading.failure
  if (reading.usage !== undefined) noteUsage(stream, reading.usage)
  stream.learned = mergeReadings(stream.learned, reading)
  stream.isTerminated ||= reading.isTerminal === true
  return failure
}

/** A proxy may send the start again with the real counts; another answer is none that clients understand. */
function beginsAgain(learned: TapReading, { isStart, id }: TapReading): boolean {
  return isStart === true && learned.id !== undefined && learned.id !== id
}

/** The client gets what the upstream wrote; what is counted is less, and said to be. */
function noteUsage(stream: PassThrough, usage: Usage): void {
  stream.usage = mergeUsage(stream.usage, usage)
  if (usage.isInconsistent === true) stream.init.ledger.report('stream', USAGE_INCONSISTENT)
}

function mergeReadings(earlier: TapReading, later: TapReading): TapReading {
  return {
    id: earlier.id ?? later.id,
    model: earlier.model ?? later.model,
    hasFinish: earlier.hasFinish === true || later.hasFinish === true,
  }
}

/**
 * Whether an event that nothing is read from holds a JSON object, written in whatever way. Letters that `LATIN1` made of
 * bytes stand in strings only, where any are allowed.
 */
function isWhole(data: string): boolean {
  return data.startsWith('{') && parseJson(data) !== undefined
}
