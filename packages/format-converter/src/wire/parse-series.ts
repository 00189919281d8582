import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type MutableJsonObject } from '../model/json.ts'
import { parseJson, readBody } from './raw-json.ts'
import { behindJsonString } from './string-end.ts'

/** What several texts have in common, with blanks where they differ. */
interface Form {
  /** What stands around the blanks: one more than there are. All but the first have at least one character. */
  readonly pieces: readonly string[]
  readonly blanks: readonly BlankKind[]
  readonly fill: Fill
}

/** White space is no part of a value: its content counts as `''`. */
type BlankKind = 'string' | 'number' | 'space'

/** Makes the value of a text, or a part of it, from what stands in the blanks. */
type Fill = (contents: readonly JsonValue[]) => JsonValue

/** What may differ: strings, numbers, and white space behind an object. Splitting by it puts them at the odd places. */
const DIFFERENCES = /("(?:[^"\\]|\\.)*"|[\d.eE+-]+|(?<=\})\s*)/
/** Events that repeat are small; nothing is kept of larger ones. */
const MAX_TEXT = 4096
const MAX_BLANKS = 4
const MAX_DEPTH = 16
/** So many texts come before a form is looked for: the first token waits for none, and short answers need none. */
const HEAD_START = 8
/** So many texts in a row that fit no form and make none, and none is looked for any more. */
const PATIENCE = 32

const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Parses the JSON of one stream's events. Most of them differ from the one before in a string or two, so most of what
 * `JSON.parse` does has been done before: two events that differ in a few values only make a form, and of a text that
 * fits the form only what stands in its blanks is parsed.
 *
 * That is exact, not likely: where one JSON value may stand, any may. Nor is it guessed where a blank belongs. The form is
 * filled with strings that are longer than the whole text, so that nothing else in it can be equal to one, and is parsed:
 * where such a string comes out is the place of its blank. A blank inside a key, or in a member that a later one of the
 * same name replaces, comes out nowhere, and there is no form.
 */
export class SeriesParser {
  #form: Form | undefined = undefined
  /** The last text that fitted no form. */
  #earlier = ''
  #patience = PATIENCE
  readonly #exact: RegExp | undefined
  /** Texts that are still to come before a form is looked for. */
  #headStart: number

  /** @param exact - finds a text of which every digit of its numbers counts */
  constructor(exact?: RegExp, headStart: number = HEAD_START) {
    this.#exact = exact
    this.#headStart = headStart
  }

  /** @returns what stands in the blanks of a text that fits the form, which is JSON then */
  fit(text: string): readonly JsonValue[] | undefined {
    const contents = this.#form === undefined ? undefined : readForm(this.#form, text)
    if (contents !== undefined) this.#patience = PATIENCE
    return contents
  }

  /** What is the same in every text of the form: one piece more than there are blanks. Another form has another list. */
  get pieces(): readonly string[] {
    return this.#form?.pieces ?? []
  }

  /** @returns what a text of the form stands for, with this in its blanks; `undefined` where there is no form */
  fill(contents: readonly JsonValue[]): JsonValue | undefined {
    return this.#form?.fill(contents)
  }

  /**
   * @returns what `JSON.parse` gives, `undefined` for what is no JSON. The values of a series may share parts: nobody may
   * change them.
   */
  parse(text: string): JsonValue | undefined {
    const contents = this.fit(text)
    if (contents !== undefined) return this.fill(contents)
    if (this.#exact?.test(text) === true) return readBody(text)
    const value = parseJson(text)
    if (this.#headStart > 0) this.#headStart -= 1
    else if (this.#patience > 0 && text.length <= MAX_TEXT && isJsonObject(value)) this.#learn(text)
    return value
  }

  #learn(text: string): void {
    this.#patience -= 1
    const form = makeForm(this.#earlier, text)
    this.#earlier = form === undefined ? detached(text) : ''
    this.#form = form ?? this.#form
  }
}

/** @returns what stands in the blanks; `undefined` for a text that does not fit */
function readForm({ pieces, blanks }: Form, text: string): readonly JsonValue[] | undefined {
  const head = pieces[0] ?? ''
  if (text.lastIndexOf(head, 0) !== 0) return undefined // sooner than `startsWith`
  const contents: JsonValue[] = []
  let at = head.length
  for (let blank = 0; blank < blanks.length; blank += 1) {
    const tail = pieces[blank + 1] ?? ''
    const end = endOfBlank(text, at, blanks[blank] === 'string' ? '"' : tail.charAt(0))
    const next = end + tail.length
    const content = text.slice(end, next) === tail ? readBlank(blanks[blank], text.slice(at, end)) : undefined
    if (content === undefined) return undefined
    contents.push(content)
    at = next
  }
  return at === text.length ? contents : undefined
}

/** @param last - a string ends with its closing quote, anything else before the first character of what follows */
function endOfBlank(text: string, at: number, last: string): number {
  return Math.max(at, last === '"' ? behindJsonString(text, at) : text.indexOf(last, at))
}

/** @returns `undefined` for what may not stand in such a blank; else a value that keeps nothing of the text in memory */
function readBlank(kind: BlankKind | undefined, text: string): JsonValue | undefined {
  if (kind === 'string' && isPlainPiece(text)) return text.slice(1, -1)
  if (kind !== 'space') return parseJson(text)
  return text === '' || parseJson(`${text}""`) === '' ? '' : undefined
}

/** A part of a text that is longer keeps the whole text in memory. */
const MAX_PIECE = 12

/** Whether this is a string as most pieces of a stream are: short, and without anything escaped. */
function isPlainPiece(text: string): boolean {
  const last = text.length - 1
  if (last < 1 || last > MAX_PIECE || text.charCodeAt(0) !== QUOTE || text.charCodeAt(last) !== QUOTE) return false
  for (let at = 1; at < last; at += 1) {
    const code = text.charCodeAt(at)
    if (code < SPACE || code === BACKSLASH || code === QUOTE) return false
  }
  return true
}

/** The form of two texts that are the same but for a few values; `undefined` where the places of these cannot be proven. */
function makeForm(earlier: string, text: string): Form | undefined {
  const before = earlier.split(DIFFERENCES)
  const parts = text.split(DIFFERENCES)
  if (before.length !== parts.length) return undefined
  const pieces: string[] = []
  const kinds: BlankKind[] = []
  let piece = ''
  for (const [place, part] of parts.entries()) {
    if (part === before[place]) piece += part
    else if (place % 2 === 0) return undefined
    else {
      pieces.push(piece)
      kinds.push(kindOf(part))
      piece = ''
    }
  }
  pieces.push(piece)
  return piece === '' || kinds.length === 0 || kinds.length > MAX_BLANKS ? undefined : proveForm(pieces, kinds)
}

function kindOf(part: string): BlankKind {
  if (part.trim() === '') return 'space'
  return part.startsWith('"') ? 'string' : 'number'
}

/** What a form is filled with to see where its blanks are. */
interface Proof {
  /** By blank; `undefined` for white space, which comes out nowhere. */
  readonly probes: readonly (string | undefined)[]
  /** Blanks that have a place. */
  readonly proven: Set<number>
}

function proveForm(pieces: readonly string[], kinds: readonly BlankKind[]): Form | undefined {
  const longer = 'x'.repeat(MAX_TEXT)
  const probes = kinds.map((kind, blank) => (kind === 'space' ? undefined : `${longer}${blank}`))
  // a line end may stand between tokens and nowhere else
  const filled = pieces.map((piece, blank) => (blank < kinds.length ? `${piece}${wordOf(probes[blank])}` : piece))
  const proof: Proof = { probes, proven: new Set() }
  const fill = fillOf(parseJson(filled.join('')), proof, 0)
  const places = probes.filter((probe) => probe !== undefined)
  if (fill === undefined || proof.proven.size < places.length) return undefined
  return { pieces: pieces.map(detached), blanks: kinds, fill }
}

function wordOf(probe: string | undefined): string {
  return probe === undefined ? '\n' : `"${probe}"`
}

/** @returns `undefined` for a value without a blank in it, which stays as it is */
function fillOf(value: JsonValue | undefined, proof: Proof, depth: number): Fill | undefined {
  if (typeof value === 'string') return fillOfBlank(proof.probes.indexOf(value), proof)
  if (depth === MAX_DEPTH) return undefined
  if (isJsonArray(value)) return fillOfList(value, proof, depth + 1)
  return isJsonObject(value) ? fillOfObject(value, proof, depth + 1) : undefined
}

function fillOfBlank(blank: number, { proven }: Proof): Fill | undefined {
  if (blank === -1) return undefined
  proven.add(blank)
  return (contents) => contents[blank] ?? null
}

function fillOfList(list: readonly JsonValue[], proof: Proof, depth: number): Fill | undefined {
  const fills: (Fill | undefined)[] = []
  // no callback: what it needs would stay in memory with what is returned, and a proof is long
  for (const item of list) fills.push(fillOf(item, proof, depth))
  if (fills.every((fill) => fill === undefined)) return undefined
  const fixed = list.map((item, place) => (fills[place] === undefined ? item : null))
  return (contents) => {
    const filled = [...fixed]
    for (let place = 0; place < filled.length; place += 1) {
      const fill = fills[place]
      if (fill !== undefined) filled[place] = fill(contents)
    }
    return filled
  }
}

function fillOfObject(object: JsonObject, proof: Proof, depth: number): Fill | undefined {
  const fixed: MutableJsonObject = { ...object }
  const fills: (readonly [key: string, fill: Fill])[] = []
  for (const key of Object.keys(object)) {
    const fill = key === '__proto__' ? undefined : fillOf(object[key], proof, depth)
    if (fill === undefined) continue
    fixed[key] = null
    fills.push([key, fill])
  }
  if (fills.length === 0) return undefined
  return (contents) => {
    const filled: MutableJsonObject = { ...fixed }
    for (const [key, fill] of fills) filled[key] = fill(contents)
    return filled
  }
}

/** A text of its own: what was cut out of a packet keeps the whole packet in memory. */
function detached(text: string): string {
  return String(JSON.parse(JSON.stringify(text)))
}
