import { pieceWeight } from '../count/estimate-tokens.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import { stringOf } from '../wire/loose.ts'
import { SeriesParser } from '../wire/parse-series.ts'
import { parseJson } from '../wire/raw-json.ts'
import { behindJsonString } from '../wire/string-end.ts'

/** What is said in the texts of a form. */
interface FormWords {
  readonly pieces: readonly string[]
  /** Blanks that hold words. */
  readonly blanks: readonly number[]
  /** Of the words that are the same in every text. */
  readonly weight: number
}

const NOTHING_YET: FormWords = { pieces: [], blanks: [], weight: 0 }

/** Sees of passing events whether they are whole, and how much the model says in them. */
export class PassingReader {
  readonly #words: RegExp
  readonly #series = new SeriesParser()
  #form = NOTHING_YET

  /** @param words - see `StreamTap` */
  constructor(words: RegExp) {
    this.#words = words
  }

  /**
   * @param data - of one event
   * @returns roughly how many tokens are said in it; `undefined` when it is no JSON object
   */
  read(data: string): number | undefined {
    const contents = this.#series.fit(data)
    if (contents !== undefined) return this.#weigh(contents)
    return isJsonObject(this.#series.parse(data)) ? this.count(data) : undefined
  }

  /** The same for an event that is known to be whole. */
  count(data: string): number {
    return weightOfWords(data, this.#words)
  }

  #weigh(contents: readonly JsonValue[]): number {
    const { pieces } = this.#series
    if (this.#form.pieces !== pieces) this.#form = findWords(pieces, this.#words)
    let { weight } = this.#form
    for (const blank of this.#form.blanks) weight += pieceWeight(stringOf(contents[blank]))
    return weight
  }
}

function findWords(pieces: readonly string[], words: RegExp): FormWords {
  const blanks = pieces.slice(0, -1).flatMap((piece, blank) => (endsBeforeWords(piece, words) ? [blank] : []))
  return { pieces, blanks, weight: weightOfWords(pieces.join('""'), words) }
}

function endsBeforeWords(piece: string, words: RegExp): boolean {
  return [...`${piece}"`.matchAll(words)].some(({ index, 0: found }) => index + found.length === piece.length)
}

function weightOfWords(data: string, words: RegExp): number {
  let weight = 0
  words.lastIndex = 0
  while (words.test(data)) {
    const end = behindJsonString(data, words.lastIndex)
    if (end === 0) break
    weight += weightOf(data.slice(words.lastIndex, end))
    words.lastIndex = end
  }
  return weight
}

/** Of a longer string it makes no difference that what is escaped in it is counted as it is written. */
const MAX_PARSED = 64 * 1024

/** @param literal - with its quotes */
function weightOf(literal: string): number {
  if (literal.length === 2) return 0
  if (literal.length > MAX_PARSED) return pieceWeight(literal)
  return pieceWeight(literal.includes('\\') ? stringOf(parseJson(literal)) : literal.slice(1, -1))
}
