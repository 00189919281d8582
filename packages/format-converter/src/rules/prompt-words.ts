import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

/**
 * Where words for the model stand, in any vendor's spelling. Compared without case: some upstreams read their members
 * so.
 */
const PROMPT_NAME =
  /prompt|instruction|message|system|preamble|template|persona|greeting|history|description|example|^(?:tools?|functions?|inputs?|contents?|documents?|suffix|prefix|prediction|contexts?|context_management|additional_tools|mcp_servers|parts|query|queries|arguments|output|refusal|memory|knowledge)$/

/** Names that look like prompts and are switches. */
const SWITCHES: ReadonlySet<string> = new Set([
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'prompt_cache_breakpoint',
  'prompt_logprobs',
  'chat_template_kwargs',
  'context_length',
])

/** Top-level members whose texts are names, marks or stop sequences, and may hold any characters. */
const FREE_TEXT: ReadonlySet<string> = new Set([
  'stop',
  'stop_sequences',
  'metadata',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'provider',
])

const MAX_FREE_CHARACTERS = 512
/** One word of ASCII: names, modes, versions, addresses. Nobody is told anything by it. */
const TOKEN = /^[\x21-\x7e]{0,128}$/
const MAX_DEPTH = 32
/** Values that a client sent are looked through so far when they are moved. */
const MAX_SEEN_VALUES = 2000

/** Whether a member of this name may hold words that reach the model. */
export function isPromptName(name: string): boolean {
  const plain = name.toLowerCase()
  return PROMPT_NAME.test(plain) && !SWITCHES.has(plain)
}

/** Whether words may be written below this top-level member. */
export function takesFreeText(root: string): boolean {
  return FREE_TEXT.has(root)
}

/**
 * Looks through a value that a rule would write: no member in it may be a place for words, and its texts are single
 * words unless the parameter takes any text.
 *
 * @returns what is wrong with it
 */
export function wordsIn(value: JsonValue, isFree: boolean): string | undefined {
  if (typeof value === 'string') return wordsInText(value, isFree)
  if (typeof value !== 'object' || value === null) return undefined
  if (isJsonArray(value)) return first(value, (element) => wordsIn(element, isFree))
  return first(Object.entries(value), ([name, member]) => {
    if (isPromptName(name) || (name === 'text' && typeof member === 'string')) return refusedName(name)
    return wordsIn(member ?? null, isFree)
  })
}

/** Whether a value that is moved holds a place for words; what is too large to tell counts as one. */
export function holdsWords(value: JsonValue): boolean {
  let seen = 0

  function look(node: JsonValue | undefined, depth: number): boolean {
    seen += 1
    if (seen > MAX_SEEN_VALUES || depth > MAX_DEPTH) return true
    if (isJsonArray(node)) return node.some((child) => look(child, depth + 1))
    if (!isJsonObject(node)) return false
    return namesAndValues(node).some(([name, child]) => isPromptName(name) || look(child, depth + 1))
  }

  return look(value, 0)
}

/** The refusal for a place or a member that is for words. */
export function refusedName(name: string): string {
  return `${JSON.stringify(name.slice(0, 60))} holds words for the model, and rules never write words`
}

function wordsInText(text: string, isFree: boolean): string | undefined {
  if (isFree) return text.length <= MAX_FREE_CHARACTERS ? undefined : `is longer than ${MAX_FREE_CHARACTERS} characters`
  return TOKEN.test(text)
    ? undefined
    : 'a text that a rule writes is one word of at most 128 ASCII characters, so that no rule can write a prompt'
}

function first<Element>(list: readonly Element[], look: (element: Element) => string | undefined): string | undefined {
  for (const element of list) {
    const trouble = look(element)
    if (trouble !== undefined) return trouble
  }
  return undefined
}

function namesAndValues(object: JsonObject): readonly [string, JsonValue | undefined][] {
  return Object.entries(object)
}
