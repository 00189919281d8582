import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type MutableJsonObject } from '../model/json.ts'
import type { Seal } from '../model/seal.ts'
import { entriesOf, stringOf } from '../wire/loose.ts'
import { parseJson } from '../wire/raw-json.ts'

/** Characters of `reasoning_details` that are kept for replay; beyond it the proof is given up, never the answer. */
const MAX_DETAIL_CHARACTERS = 4 * 1024 * 1024

/** Where OpenRouter, vLLM, DeepSeek, LiteLLM and Mistral have their reasoning text; the first that has one counts. */
const TEXT_MEMBERS = ['reasoning_content', 'reasoning', 'thinking', 'reasoning_details', 'thinking_blocks'] as const

/** Where an entry of such a member has its words, and where its proof. */
const WORDS = ['text', 'summary', 'thinking', 'content'] as const
const PROOFS = ['data', 'signature'] as const

/** Reasoning text of a message or delta; a text that stands in two members counts once. */
export function reasoningTextOf(message: JsonObject): string {
  // Every delta passes here, and a member by its name is found sooner than one of a list.
  return (
    memberText(message['reasoning_content']) ||
    memberText(message['reasoning']) ||
    memberText(message['thinking']) ||
    memberText(message['reasoning_details']) ||
    memberText(message['thinking_blocks'])
  )
}

/** Whether one of the members says something else than the text that counts. */
export function hasOtherReasoning(message: JsonObject, counted: string): boolean {
  return TEXT_MEMBERS.some((name) => saysOther(message[name], counted))
}

/** Whether the value of such a member holds words, and others than the text that counts. */
export function saysOther(value: JsonValue | undefined, counted: string): boolean {
  const text = memberText(value)
  return text !== '' && text !== counted
}

/** What such a member says: the words themselves, one entry, or entry after entry. */
export function memberText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : entriesOf(value).map(entryText).join('')
}

function entryText(entry: JsonValue): string {
  if (!isJsonObject(entry)) return stringOf(entry)
  return WORDS.map((name) => stringOf(entry[name])).find((words) => words !== '') ?? ''
}

/** Whether nothing of such a member is of a kind that cannot be read. */
export function isReasoning(value: JsonValue | undefined): boolean {
  return entriesOf(value).every((entry) =>
    isJsonObject(entry) ? isEntry(entry) : typeof entry === 'string' || entry === null,
  )
}

function isEntry(entry: JsonObject): boolean {
  const said = [...WORDS, ...PROOFS].filter((name) => Object.hasOwn(entry, name))
  return said.length > 0 && said.every((name) => typeof (entry[name] ?? '') === 'string')
}

/** True for an entry that only its vendor can read or verify. */
export function isSealedDetail(entry: JsonValue): entry is JsonObject {
  return isJsonObject(entry) && PROOFS.some((name) => stringOf(entry[name]) !== '')
}

/** The proof that sealed entries make together. */
export function sealOfDetails(entries: readonly JsonValue[]): Seal {
  return { kind: 'chat-detail', format: 'openai-chat', value: JSON.stringify(entries) }
}

/** The entries inside such a proof; empty for a value that is not ours to read. */
export function detailsOfSeal(seal: Seal): readonly JsonValue[] {
  if (seal.kind !== 'chat-detail' || seal.format !== 'openai-chat') return []
  const entries = parseJson(seal.value)
  return isJsonArray(entries) ? entries : []
}

/** Gathers the `reasoning_details` of one answer, so that a proof comes out once and whole. */
export class DetailCollector {
  #entries: MutableJsonObject[] = []
  #characters = 0
  #isSealed = false

  /** An entry with a signature or ciphertext waits to be taken. */
  get hasSeal(): boolean {
    return this.#isSealed && this.#characters <= MAX_DETAIL_CHARACTERS
  }

  /** A proof was longer than what is kept of one. */
  get isGivenUp(): boolean {
    return this.#isSealed && this.#characters > MAX_DETAIL_CHARACTERS
  }

  /** Adds entries; fragments of one entry are joined. */
  add(fragments: readonly JsonValue[]): void {
    for (const fragment of fragments) {
      if (!isJsonObject(fragment)) continue
      this.#characters += sizeOf(fragment)
      if (this.#characters > MAX_DETAIL_CHARACTERS) this.#entries = []
      else join(this.#entries, fragment)
      this.#isSealed ||= isSealedDetail(fragment)
    }
  }

  /** The entries so far as one proof, exactly as the upstream wants them back; `undefined` when none is sealed. */
  take(): Seal | undefined {
    if (!this.#isSealed || this.#entries.length === 0) return undefined
    const seal = sealOfDetails(this.#entries)
    this.#entries = []
    this.#isSealed = false
    return seal
  }
}

/** Fragments of one entry share type and index; text grows, everything else is replaced by what came last. */
function join(entries: MutableJsonObject[], fragment: JsonObject): void {
  const earlier = entries.find((entry) => entry['type'] === fragment['type'] && entry['index'] === fragment['index'])
  if (earlier === undefined) {
    entries.push({ ...fragment })
    return
  }
  for (const [name, value] of Object.entries(fragment)) {
    if (value === null || value === '') continue
    const grows = name === 'text' || name === 'summary'
    const joined = grows ? stringOf(earlier[name]) + stringOf(value) : value
    Object.defineProperty(earlier, name, { value: joined, enumerable: true, configurable: true, writable: true })
  }
}

function sizeOf(fragment: JsonObject): number {
  return stringOf(fragment['text']).length + stringOf(fragment['summary']).length + stringOf(fragment['data']).length
}
