import type { EncodeAnswerContext } from '../codec.ts'
import type { Citation } from '../model/content-part.ts'
import type { JsonObject } from '../model/json.ts'
import { codePointLength } from '../wire/openai-content.ts'
import { CITATION_WITHOUT_URL } from './answer-losses.ts'
import { annotationOf } from './content.ts'

/** Where the text of one block stands in the joined text. */
export interface TextPlace {
  /** Another block stands between the text before and this one. */
  isSeparated: boolean
  /** In code points, as is the end. */
  startsAt: number
  endsAt: number
}

/**
 * The one text of a streamed answer: the texts of its blocks, of which those with another block between them are kept
 * apart by `textJoin`. It is written elsewhere; here is known how long it is, and what it cites.
 */
export class JoinedText {
  readonly #context: EncodeAnswerContext
  readonly annotations: JsonObject[] = []
  /** Code points so far. */
  #length = 0
  /** Another block stands between the last text and the one that opens next. */
  #isSeparated = false

  constructor(context: EncodeAnswerContext) {
    this.#context = context
  }

  get isEmpty(): boolean {
    return this.#length === 0
  }

  /** Something else stands here. */
  separate(): void {
    this.#isSeparated ||= !this.isEmpty
  }

  /** A block that may have text opens. */
  open(place: TextPlace): void {
    place.isSeparated = this.#isSeparated
    this.#isSeparated = false
  }

  /** A block had no text: what stands before it stands before the next. */
  leave(place: TextPlace): void {
    this.#isSeparated ||= place.isSeparated
    place.startsAt = this.#length
    place.endsAt = this.#length
  }

  /** @returns the first text of a block as it is to be written, and {@link add added} */
  begin(place: TextPlace, text: string): string {
    const separator = place.isSeparated ? this.#context.options.textJoin : ''
    place.startsAt = this.#length + codePointLength(separator)
    return separator + text
  }

  add(place: TextPlace, text: string): void {
    this.#length += codePointLength(text)
    place.endsAt = this.#length
  }

  /** A citation comes when its block is over. */
  cite({ startsAt, endsAt }: TextPlace, citation: Citation): void {
    const annotation = annotationOf(citation, { start: startsAt, end: endsAt })
    if (annotation === undefined) this.#context.report(CITATION_WITHOUT_URL)
    else this.annotations.push(annotation)
  }
}
