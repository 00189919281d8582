import type { JsonValue } from '../model/json.ts'
import { isJsonObject } from '../model/json.ts'
import type { PlaceGuard } from './place-guard.ts'
import { EACH, type Place } from './place.ts'
import { holdsWords, isPromptName, refusedName, takesFreeText, wordsIn } from './prompt-words.ts'

type Accepts = (value: JsonValue) => boolean

const isFlag: Accepts = (value) => typeof value === 'boolean'
const isCount: Accepts = (value) => typeof value === 'number'
const isToken: Accepts = (value) => typeof value === 'string' && wordsIn(value, false) === undefined
const isMark: Accepts = (value) =>
  value === null ||
  (isJsonObject(value) &&
    Object.entries(value).every(([name, text]) => /^(?:type|ttl)$/.test(name) && isToken(text ?? null)))

/** Cache marks, wherever a body may have them. */
const MARKED = ['/messages/*', '/messages/*/content/*', '/system/*', '/tools/*', '/input/*/content/*']

/** All that a rule may write inside the conversation and the tools: switches, each with the values it takes. */
const SWITCHES: ReadonlyMap<string, Accepts> = new Map<string, Accepts>([
  ...MARKED.map((place): [string, Accepts] => [`${place}/cache_control`, isMark]),
  ...MARKED.map((place): [string, Accepts] => [`${place}/cache_control/ttl`, isToken]),
  ['/messages/*/content/*/image_url/detail', isToken],
  ['/input/*/content/*/detail', isToken],
  ['/tools/*/strict', isFlag],
  ['/tools/*/function/strict', isFlag],
  ['/tools/*/defer_loading', isFlag],
  ['/tools/*/eager_input_streaming', isFlag],
  ['/tools/*/type', isToken],
  ['/tools/*/max_uses', isCount],
  ['/tools/*/search_context_size', isToken],
  ['/tools/*/parameters/additionalProperties', isFlag],
  ['/tools/*/function/parameters/additionalProperties', isFlag],
  ['/tools/*/input_schema/additionalProperties', isFlag],
])

/** Offers and settings: they may go as a whole. */
const REMOVABLE_ROOTS: ReadonlySet<string> = new Set(['tools', 'functions', 'context_management'])
/** Lists of offers: elements may be left out. */
const OFFER_LISTS: ReadonlySet<string> = new Set(['/tools', '/functions'])

/** Members of messages and tools without which they would say something else. */
const KEPT = new Set(
  (
    'role type id name text thinking data signature source url image_url input_audio audio file file_id file_data title ' +
    'tool_calls tool_use_id tool_call_id call_id function function_call custom tool is_error summary encrypted_content ' +
    'input_schema parameters properties patternProperties $defs definitions items anyOf oneOf allOf enum const required ' +
    'format grammar definition syntax filename namespace'
  ).split(' '),
)
/** What a tool was given or gave: nothing below may go. */
const WHOLE: ReadonlySet<string> = new Set(['input', 'arguments', 'output'])

/** Relay itself reads these to know how the request runs. */
const RESERVED: ReadonlySet<string> = new Set(['stream', 'stream_options', 'thread'])

/**
 * The guard of request bodies. Rules never add or change words for the model: the conversation and the tools are closed
 * but for a list of switches, and elsewhere only single words can be written.
 */
export const promptGuard: PlaceGuard = {
  write(place, value) {
    const trouble = rootTrouble(place)
    if (trouble !== undefined) return trouble
    const name = promptNameIn(place)
    if (name === undefined) return wordsIn(value, takesFreeText(String(place[0])))
    const accepts = SWITCHES.get(shapeOf(place))
    if (accepts === undefined) return refusedName(name)
    return accepts(value) ? undefined : 'is no value that this switch takes'
  },

  remove(place) {
    const trouble = rootTrouble(place)
    if (trouble !== undefined) return trouble
    const name = promptNameIn(place)
    if (name === undefined) return undefined
    if (!isPromptRoot(place)) return refusedName(name)
    if (place.length === 1) return REMOVABLE_ROOTS.has(name) ? undefined : refusedRemoval(name)
    return isMember(place) ? undefined : refusedRemoval(lastOf(place))
  },

  shorten(place) {
    const trouble = rootTrouble(place)
    if (trouble !== undefined || OFFER_LISTS.has(shapeOf(place))) return trouble
    const name = promptNameIn(place)
    return name === undefined ? undefined : refusedRemoval(name)
  },

  transfer(from, to) {
    for (const place of [from, to]) {
      const trouble = rootTrouble(place)
      if (trouble !== undefined) return trouble
      const name = promptNameIn(place)
      if (name !== undefined) return refusedName(name)
    }
    if (takesFreeText(String(from[0])) && !takesFreeText(String(to[0])))
      return 'texts of this parameter may be any, so they stay among parameters that take any text'
    return undefined
  },

  passesOver: isPromptName,
  holdsWords,
}

function rootTrouble(place: Place): string | undefined {
  const [root] = place
  if (root === undefined) return 'names the whole body; name a member'
  if (root === EACH) return 'must not begin with "*": that names every member, the conversation too'
  // Its members count as members of the body, so a conversation may be in it.
  if (root === 'extra_body' && place.length === 1) return 'is a second top level of the body; name a member of it'
  return RESERVED.has(root)
    ? `${JSON.stringify(root)} is read by Relay itself and stays as the client sent it`
    : undefined
}

/** The first segment that is a place for words. */
function promptNameIn(place: Place): string | undefined {
  return place.find((segment, depth): segment is string => {
    if (segment === EACH) return false
    // At the top `text` is a parameter of Responses, below it is what somebody said.
    return isPromptName(segment) || (depth > 0 && segment === 'text')
  })
}

function isPromptRoot([root]: Place): boolean {
  return typeof root === 'string' && isPromptName(root)
}

/** A plain member of a message or a tool, and none that carries what is said. */
function isMember(place: Place): boolean {
  const name = place.at(-1)
  if (typeof name !== 'string' || /^\d+$/.test(name)) return false
  return !KEPT.has(name) && !isPromptName(name) && !place.slice(1).some((segment) => WHOLE.has(String(segment)))
}

function refusedRemoval(name: string): string {
  return `${JSON.stringify(name.slice(0, 60))} is part of what the model is told, and rules leave that whole`
}

function lastOf(place: Place): string {
  const name = place.at(-1)
  return typeof name === 'string' ? name : '*'
}

/** The place with `*` for every index, as {@link SWITCHES} spells it. */
function shapeOf(place: Place): string {
  return place.map((segment) => (segment === EACH || /^\d+$/.test(segment) ? '/*' : `/${segment}`)).join('')
}
