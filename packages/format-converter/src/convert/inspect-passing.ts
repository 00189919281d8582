import type { TapReading } from '../codec.ts'
import { type Failure, SECOND_ANSWER, TRUNCATED } from '../model/failure.ts'
import { isJsonObject } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { mergeUsage, USAGE_INCONSISTENT, type Usage } from '../model/usage.ts'
import { readEvent } from '../sse/read-event.ts'
import { optionalString } from '../wire/loose.ts'
import { parseJson } from '../wire/raw-json.ts'
import { MALFORMED } from './malformed-event.ts'
import { beginContent, isOver, type PassThrough, reject } from './passing-stream.ts'
import { type PlainEvent, readPlainEvents } from './read-plain-events.ts'

export const MAX_EVENT_BYTES: number = 16 * 1024 * 1024
export const OVERFLOW: Failure = {
  kind: 'overflow',
  message: `an event of the upstream is larger than ${MAX_EVENT_BYTES} bytes`,
}

/** The end of a Chat stream, which some proxies write everywhere. */
const DONE = '[DONE]'

const LATE_EVENT: LossReport = {
  code: 'event_after_end',
  level: 'info',
  path: '#event',
  message: 'the upstream went on after the end of its answer',
}

/** Of an event without data: clients would read as JSON what stands there, and stop. A comment is none. */
const HOLLOW = /^(data|event)\b/m

const BRACE = '{'.charCodeAt(0)
const LF = 10
const CR = 13

/** A mark at the beginning of an event is no mark: the line it stands in means nothing. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Whether a packet holds nothing but whole events that need no parsing, as almost every packet does. */
export function isPlain(stream: PassThrough, chunk: Uint8Array): boolean {
  if (!stream.hasContent || stream.held !== undefined || stream.splitter.pendingBytes() > 0) return false
  if (chunk.length > MAX_EVENT_BYTES) return false
  const { tap } = stream.init.codec
  const events = readPlainEvents(chunk)
  if (events === undefined) return false
  let said = 0
  for (const { name, data } of events) {
    const words = tap.mustParse(name, data) ? undefined : stream.reader.read(data)
    if (words === undefined) return false
    said += words
  }
  stream.eventsIn += events.length
  stream.eventsPassed += events.length
  stream.tokensSaid += said
  return true
}

/** @returns whether the event goes on to the client */
export function inspect(stream: PassThrough, event: Uint8Array): boolean {
  if (stream.isTerminated) noteLate(stream, event)
  if (isOver(stream) || stream.isTerminated) return false
  return isBlank(event) || look(stream, event)
}

/** Blank lines with nothing before them, as some servers keep a connection alive; there may be very many. */
function isBlank(event: Uint8Array): boolean {
  return event[0] === LF || event[0] === CR
}

/** Bytes after the end go nowhere; that there was an object among them is told. */
export function noteLate({ init: { ledger }, failure }: PassThrough, bytes: Uint8Array): void {
  if (failure === undefined && bytes.includes(BRACE)) ledger.report('stream', LATE_EVENT)
}

function look(stream: PassThrough, event: Uint8Array): boolean {
  if (event.length > MAX_EVENT_BYTES) return reject(stream, OVERFLOW)
  const { tap } = stream.init.codec
  const text = UTF8.decode(withoutMark(stream, event))
  const { name, data } = readEvent(text)
  if (data === undefined) return !HOLLOW.test(text)
  stream.eventsIn += 1
  if (data === DONE) return inspectDone(stream)
  if (tap.mustParse(name, data)) return inspectParsed(stream, { name, data })
  const words = stream.reader.read(data)
  if (words === undefined) return reject(stream, MALFORMED)
  if (!stream.hasContent && tap.isMeaningful(name, data)) beginContent(stream)
  return pass(stream, words)
}

function pass(stream: PassThrough, words: number): true {
  stream.eventsPassed += 1
  stream.tokensSaid += words
  return true
}

/** Of another format it means nothing here, and clients would read it as JSON. An end without an answer is none. */
function inspectDone(stream: PassThrough): boolean {
  if (!stream.init.codec.tap.isDone(DONE)) return false
  if (saidNothing(stream)) return reject(stream, TRUNCATED)
  stream.isTerminated = true
  return pass(stream, 0)
}

function saidNothing({ hasContent, learned }: PassThrough): boolean {
  return !hasContent && learned.hasFinish !== true
}

/** A stream may begin with a byte order mark, which is no part of its first line. */
function withoutMark({ eventsIn }: PassThrough, event: Uint8Array): Uint8Array {
  const isMarked = eventsIn === 0 && event[0] === 0xef && event[1] === 0xbb && event[2] === 0xbf
  return isMarked ? event.subarray(3) : event
}

function inspectParsed(stream: PassThrough, { name, data }: PlainEvent): boolean {
  const { tap } = stream.init.codec
  const body = parseJson(data)
  if (!isJsonObject(body)) return reject(stream, MALFORMED)
  const reading = tap.read(body, name, stream.usage)
  const failure = learn(stream, reading)
  if (failure !== undefined) return reject(stream, failure)
  if (reading.hasFinish === true || tap.isMeaningful(optionalString(body['type']) ?? name, data)) beginContent(stream)
  if (reading.isTerminal === true && saidNothing(stream)) return reject(stream, TRUNCATED)
  const isForRelay = stream.init.dropsUsageChunk && reading.isUsageOnly === true
  return !isForRelay && pass(stream, stream.reader.count(data))
}

/** @returns what ends the stream */
function learn(stream: PassThrough, reading: TapReading): Failure | undefined {
  const failure = beginsAgain(stream.learned, reading) ? SECOND_ANSWER : reading.failure
  if (reading.usage !== undefined) noteUsage(stream, reading.usage)
  stream.learned = mergeReadings(stream.learned, reading)
  for (const [choice, isFinished] of reading.choices ?? [])
    stream.choices.set(choice, isFinished || stream.choices.get(choice) === true)
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
