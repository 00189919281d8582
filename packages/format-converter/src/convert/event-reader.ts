import type { Shortcut, StreamDecoder } from '../codec.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import { SeriesParser } from '../wire/parse-series.ts'

/** A decoder's shortcut, and for which events it is. */
interface Way {
  readonly take: Shortcut['take']
  /** The blank in which the piece stands. */
  readonly blank: number
  readonly eventName: string | undefined
}

/**
 * Parses the events of a stream for their decoder. Where one after the other is of the same form and nothing but a piece
 * of text, the decoder is asked once what it does with such an event, and is given the pieces alone.
 */
export class EventReader {
  readonly #decoder: StreamDecoder
  readonly #series: SeriesParser
  #way: Way | undefined = undefined
  /** The decoder has been asked, and nothing has come since that could change its answer. */
  #isAsked = false

  constructor(decoder: StreamDecoder, series: SeriesParser = new SeriesParser(decoder.exact)) {
    this.#decoder = decoder
    this.#series = series
  }

  /** @returns false for data that is no JSON object */
  push(data: string, eventName: string | undefined): boolean {
    const contents = this.#series.fit(data)
    if (contents === undefined) return this.#pushValue(this.#series.parse(data), eventName)
    const way = this.#way
    const piece = way === undefined ? undefined : contents[way.blank]
    if (way !== undefined && way.eventName === eventName && typeof piece === 'string' && piece !== '') way.take(piece)
    else this.#pushContents(contents, eventName)
    return true
  }

  #pushValue(value: JsonValue | undefined, eventName: string | undefined): boolean {
    this.#way = undefined
    this.#isAsked = false
    if (!isJsonObject(value)) return false
    this.#decoder.push(value, eventName)
    return true
  }

  #pushContents(contents: readonly JsonValue[], eventName: string | undefined): void {
    const wasAsked = this.#isAsked && this.#way === undefined
    this.#pushValue(this.#series.fill(contents), eventName)
    if (!wasAsked) this.#way = this.#ask(contents.length, eventName)
    this.#isAsked = true
  }

  /** With a text in every blank: what the decoder reads of the others is not what it wants there. */
  #ask(blanks: number, eventName: string | undefined): Way | undefined {
    const probes = Array.from({ length: blanks }, (_, blank) => `blank ${blank}`)
    const value = this.#series.fill(probes)
    const shortcut = isJsonObject(value) ? this.#decoder.shortcut?.(value, eventName) : undefined
    const blank = shortcut === undefined ? -1 : probes.indexOf(shortcut.piece)
    return shortcut === undefined || blank === -1 ? undefined : { take: shortcut.take, blank, eventName }
  }
}
