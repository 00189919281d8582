import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../src/model/json.ts'
import type { Loose } from '../../src/testing/loose.ts'
import type { Format } from './pairs.ts'
import { createRandom, pickFrom, type Random } from './random.ts'
import { sdkSchema } from './sdk-schemas.ts'

/** A body made from the SDK's types, and the words in it: each stands in it once. */
export interface Sample {
  readonly body: JsonObject
  /** With the place of each word, as a JSON Pointer. */
  readonly words: ReadonlyMap<string, string>
}

/** Members that change the shape of an answer or belong to a store: conversions refuse them, as other tests show. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'audio',
  'background',
  'container',
  'conversation',
  'fallback_credit_token',
  'fallbacks',
  'mcp_servers',
  'modalities',
  'n',
  'previous_response_id',
  'prompt',
  'stream',
  'thread',
])

/** Texts that mean something by their place. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  model: ['gpt-5.2', 'claude-opus-4-8', 'gpt-4o', 'claude-sonnet-4-5', 'some-model', 'o3'],
  media_type: ['image/png'],
  data: ['iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ'],
  file_data: ['iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ'],
  id: ['id_1', 'id_2', 'id_3'],
  call_id: ['id_1', 'id_2', 'id_3'],
  tool_use_id: ['id_1', 'id_2', 'id_3'],
  tool_call_id: ['id_1', 'id_2', 'id_3'],
  name: ['name_1', 'name_2', 'name_3'],
  server_label: ['server_1', 'server_2'],
  encrypted_content: ['SEALED'],
  signature: ['SEALED'],
}

const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  max_tokens: [100, 5000],
  max_output_tokens: [100, 5000],
  max_completion_tokens: [100, 5000],
  temperature: [0, 0.5, 1, 1.5],
  top_p: [0.1, 0.99, 1],
  budget_tokens: [1024, 9000],
}

/** Deeper than this, optional members are left out almost always, and unions end in texts. */
const DEEP = 7

/** A request of a format as its SDK's types allow it, with members that nobody knows here and there. */
export function sampleRequest(format: Format, seed: number): Sample {
  const { definitions } = sdkSchema(format) as Loose
  const name = { 'anthropic-messages': 'Messages', 'openai-chat': 'Chat', 'openai-responses': 'Responses' }[format]
  const maker = createMaker(definitions, createRandom(seed))
  const made = maker.make(definitions[`${name}Request`], '', 0) as JsonObject
  const user = { role: 'user', content: 'hello' }
  const list = format === 'openai-responses' ? 'input' : 'messages'
  const turns = isJsonArray(made[list]) ? [user, ...made[list]] : [user]
  const body = { ...made, model: made['model'] ?? 'some-model', [list]: turns }
  return { body, words: placesOf(body, maker.words) }
}

interface Maker {
  readonly words: ReadonlySet<string>
  make(schema: Loose, key: string, depth: number): JsonValue
}

function createMaker(definitions: Loose, random: Random): Maker {
  const words = new Set<string>()
  const happens = (chance: number): boolean => random() < chance
  const pick = <Item>(items: readonly Item[]): Item => pickFrom(items, random)

  function word(key: string): string {
    const made = `word${words.size}of${key}`
    words.add(made)
    return made
  }

  function make(schema: Loose, key: string, depth: number): JsonValue {
    if (schema.$ref !== undefined)
      return make(definitions[decodeURIComponent(schema.$ref.replace('#/definitions/', ''))], key, depth)
    if ('const' in schema) return schema.const
    if (schema.enum !== undefined) return pick(schema.enum)
    const branches = schema.anyOf ?? schema.oneOf
    if (branches !== undefined) return make(pick(shallow(branches, depth)), key, depth + 1)
    return makeTyped(schema, key, depth)
  }

  function makeTyped(schema: Loose, key: string, depth: number): JsonValue {
    switch (isJsonArray(schema.type) ? pick(schema.type) : schema.type) {
      case 'null':
        return null
      case 'boolean':
        return happens(0.5)
      case 'integer':
      case 'number':
        return pick(NUMBERS[key] ?? [0, 1, 2])
      case 'string':
        return makeText(key)
      case 'array':
        return makeList(schema, key, depth)
      case 'object':
        return makeObject(schema, depth)
      default:
        return pick<JsonValue>([null, 1, true, { a: 1 }, 'any'])
    }
  }

  function makeText(key: string): string {
    if (key === 'arguments') return pick([`{"a":"${word('arguments')}"}`, '', '{broken'])
    if (key.endsWith('url')) return `https://host.test/${word(key)}`
    return Object.hasOwn(FIXED, key) ? pick(FIXED[key] ?? []) : word(key)
  }

  function makeList(schema: Loose, key: string, depth: number): JsonValue {
    const most = key === 'messages' || key === 'input' ? 6 : 2
    const length = depth > DEEP ? 0 : Math.floor(random() * (most + 1))
    return Array.from({ length }, () => make(schema.items, key, depth + 1))
  }

  function makeObject(schema: Loose, depth: number): JsonValue {
    const needed: readonly string[] = schema.required ?? []
    const chance = depth > DEEP ? 0.05 : 0.3
    const members = new Map<string, JsonValue>()
    const known = Object.entries(schema.properties ?? {}).filter(([name]) => !LEFT_OUT.has(name))
    for (const [name, member] of known) {
      if (needed.includes(name) || happens(chance)) members.set(name, make(member, name, depth + 1))
      else if (happens(0.04)) members.set(name, null)
    }
    if (happens(0.05)) members.set(happens(0.1) ? '__proto__' : 'odd_member', word('odd'))
    return Object.fromEntries(members)
  }

  return { words, make }
}

/** The branches of a union that end soon, where it is deep already. */
function shallow(branches: readonly Loose[], depth: number): readonly Loose[] {
  const flat = depth > DEEP ? branches.filter(({ type }) => type === 'string' || type === 'null') : []
  return flat.length > 0 ? flat : branches
}

/** Where each word stands; one that was made and then left out stands nowhere. */
function placesOf(body: JsonValue, words: ReadonlySet<string>): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  function walk(value: JsonValue | undefined, path: string): void {
    if (typeof value === 'string') {
      for (const [word] of value.matchAll(/word\d+of\w+/g)) if (words.has(word)) places.set(word, path)
      return
    }
    const entries = isJsonArray(value) ? [...value.entries()] : isJsonObject(value) ? Object.entries(value) : []
    for (const [key, child] of entries) walk(child, `${path}/${key}`)
  }
  walk(body, '')
  return places
}
