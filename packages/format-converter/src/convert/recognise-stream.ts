import type { AnswerState } from '../model/answer-grammar.ts'
import type { Failure } from '../model/failure.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import type { StopReason } from '../model/stop-reason.ts'
import type { Usage } from '../model/usage.ts'
import { createSseDecoder, type SseDecoder } from '../sse/decode-sse.ts'
import { concatenate } from '../sse/split-events.ts'
import { parseJson, readBody } from '../wire/raw-json.ts'
import { bytesOf, NO_STATS, type ByteStreamConverter, type StreamStats } from './answer-stream.ts'
import { beginsLikeBody, isBlank } from './body-text.ts'
import { readPlainEvents } from './read-plain-events.ts'
import { recogniseAnswerFormat, recogniseEventText } from './recognise-format.ts'

export interface RecogniseStreamInit {
  /** Builds the stream for the format that was recognised; `undefined` = the first bytes did not tell. */
  readonly choose: (seen: FormatName | undefined, isWholeBody: boolean) => ByteStreamConverter
  /** What is expected: its stream is built while nothing has come yet. */
  readonly expected: FormatName
  /** What the stream fails with when it is one of a format that cannot be read here. */
  readonly refuse: (seen: FormatName | undefined) => Failure | undefined
  readonly losses: () => readonly Loss[]
}

/** The first event that tells decides; if it takes more than this, the expected format is assumed. */
const MAX_SAMPLE_BYTES = 256 * 1024
/** A whole body tells what it is anywhere: it is waited for to its end, unless it is larger than any answer may be. */
const MAX_BODY_BYTES = 64 * 1024 * 1024
const NOTHING = new Uint8Array(0)

/** Waits for the first event that tells, sees from it what the upstream really speaks, and hands over to the fitting stream. */
export function createRecognisingStream(init: RecogniseStreamInit): ByteStreamConverter {
  return new RecognisingStream(init)
}

class RecognisingStream implements ByteStreamConverter {
  readonly #init: RecogniseStreamInit
  readonly #prepared: ByteStreamConverter
  /** Given up once it has decided. */
  #sample: Sample | undefined = new Sample()
  #chosen: ByteStreamConverter | undefined = undefined

  constructor(init: RecogniseStreamInit) {
    this.#init = init
    this.#prepared = init.choose(init.expected, false)
  }

  push(chunk: Uint8Array | string): string | Uint8Array {
    if (this.#chosen !== undefined) return this.#chosen.push(chunk)
    this.#sample?.add(bytesOf(chunk))
    return this.#sample?.isEnough === false ? NOTHING : this.#decide().output
  }

  open(): string | Uint8Array {
    return this.#decide().chosen.open()
  }

  end(): string | Uint8Array {
    if (this.#chosen !== undefined) return this.#chosen.end()
    this.#sample?.end()
    const { chosen, output } = this.#decide()
    return join(output, chosen.end())
  }

  fail(failure: Failure): string | Uint8Array {
    return this.#decide().chosen.fail(failure)
  }

  ping(): string | Uint8Array {
    return this.#decide().chosen.ping()
  }

  /** Whoever asks for more than a sample has ends the waiting; `output` is what the sample gave. */
  #decide(): { readonly chosen: ByteStreamConverter; readonly output: string | Uint8Array } {
    if (this.#chosen !== undefined) return { chosen: this.#chosen, output: NOTHING }
    const sample = this.#sample
    const chosen = this.#choose(sample)
    this.#chosen = chosen
    this.#sample = undefined
    if (sample === undefined || sample.size === 0) return { chosen, output: NOTHING }
    const refused = this.#init.refuse(sample.seen)
    return { chosen, output: refused === undefined ? chosen.push(sample.bytes()) : chosen.fail(refused) }
  }

  #choose(sample: Sample | undefined): ByteStreamConverter {
    const seen = sample?.seen
    const isWholeBody = sample?.isWholeBody === true
    const isExpected = !isWholeBody && (seen === undefined || seen === this.#init.expected)
    return isExpected ? this.#prepared : this.#init.choose(seen, isWholeBody)
  }

  get state(): AnswerState {
    return this.#chosen?.state ?? (this.#waiting > 0 ? 'held' : 'idle')
  }

  get committed(): boolean {
    return this.#chosen?.committed ?? false
  }

  get hasContent(): boolean {
    return this.#chosen?.hasContent ?? false
  }

  get lacksOnlyEnd(): boolean {
    return this.#chosen?.lacksOnlyEnd ?? false
  }

  get usage(): Usage | undefined {
    return this.#chosen?.usage
  }

  get stop(): StopReason | undefined {
    return this.#chosen?.stop
  }

  get error(): Failure | undefined {
    return this.#chosen?.error
  }

  get upstreamId(): string | undefined {
    return this.#chosen?.upstreamId
  }

  get upstreamModel(): string | undefined {
    return this.#chosen?.upstreamModel
  }

  get losses(): readonly Loss[] {
    return this.#chosen?.losses ?? this.#init.losses()
  }

  get stats(): StreamStats {
    return this.#chosen?.stats ?? { ...NO_STATS, bytesIn: this.#waiting, bufferedPeak: this.#waiting }
  }

  /** Bytes that wait for the decision. */
  get #waiting(): number {
    return this.#sample?.size ?? 0
  }
}

/** The beginning of a stream, until it shows what it is. */
class Sample {
  readonly #chunks: Uint8Array[] = []
  /** Only for a beginning that is not written as almost all are. */
  #sse: SseDecoder | undefined = undefined
  #hasEvent = false
  /** Undecided while there is nothing but blanks. */
  #isBody: boolean | undefined = undefined
  size = 0
  /** The format of the first event that tells one. */
  seen: FormatName | undefined = undefined

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.size += chunk.length
    if (this.#isBody === undefined && !isBlank(chunk)) this.#isBody = beginsLikeBody(chunk)
    if (this.isWholeBody) return
    const events = this.#sse === undefined ? readPlainEvents(chunk) : undefined
    if (events === undefined) this.#openSse().push(chunk)
    else for (const { data } of events) this.#look(data)
  }

  /** Nothing more will come. */
  end(): void {
    if (this.isWholeBody) this.#recognise(readBody(new TextDecoder().decode(this.bytes())))
    else this.#sse?.end()
  }

  /** It shows what it is, or never will. */
  get isEnough(): boolean {
    return this.#hasEvent || this.size > (this.isWholeBody ? MAX_BODY_BYTES : MAX_SAMPLE_BYTES)
  }

  /** It is one body in place of a stream. */
  get isWholeBody(): boolean {
    return this.#isBody === true
  }

  bytes(): Uint8Array {
    return concatenate(this.#chunks)
  }

  #openSse(): SseDecoder {
    this.#sse ??= createSseDecoder({
      onMessage: ({ data }) => this.#look(data),
      onOverflow: () => this.#look(''),
    })
    return this.#sse
  }

  /** A keep-alive, or an event that nobody knows, tells nothing of those behind it. */
  #look(data: string): void {
    if (this.#hasEvent) return
    const seen = recogniseEventText(data)
    if (seen !== undefined) return this.#decide(seen)
    const event = parseJson(data)
    if (!isJsonObject(event) || tellsEnough(event)) this.#recognise(event)
  }

  #recognise(body: JsonValue | undefined): void {
    this.#decide(isJsonObject(body) ? recogniseAnswerFormat(body) : undefined)
  }

  #decide(seen: FormatName | undefined): void {
    this.#hasEvent = true
    this.seen = seen
  }
}

/** An event of a known format, or an error, which is the same in all and the last. */
function tellsEnough(event: JsonObject): boolean {
  if (recogniseAnswerFormat(event) !== undefined) return true
  return event['type'] === 'error' || event['object'] === 'error' || (event['error'] ?? null) !== null
}

function join(first: string | Uint8Array, second: string | Uint8Array): string | Uint8Array {
  if (first.length === 0) return second
  if (second.length === 0) return first
  const encoder = new TextEncoder()
  return concatenate([first, second].map((part) => (typeof part === 'string' ? encoder.encode(part) : part)))
}
