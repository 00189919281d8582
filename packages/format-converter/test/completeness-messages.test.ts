import { describe, expect, it } from 'vitest'

import { ConversionError, convertRequest, profiles, type JsonObject, type JsonValue, type Loss } from '../src/index.ts'
import { CONTENT_BLOCKS, MEMBERS, MINIMAL_REQUEST, TOOLS } from '../src/testing/messages-samples.ts'

/** Members whose only value says what is the case anyway. */
const SILENT: readonly RegExp[] = [
  /\/type$/, // the kind of a thing shows in what becomes of it
  /\/role$/,
  /\/is_error$/, // false is the default
  /\/media_type$/, // a text document has but one
  /\/enabled$/, // citations are reported where they are asked for
  /^\/thinking$/, // an effort alone says the same; the amount is looked at below
  /^\/thinking\/display$/, // decides what the client is shown of the answer
  /^\/tools\/0\/name$/, // a client tool of Anthropic has but one name; others are refused without
]

/** Every member of a sample, as a path and the body without it. */
function members(body: JsonObject): { readonly path: string; readonly without: JsonObject }[] {
  return pathsOf(body, []).map((path) => ({ path: `/${path.join('/')}`, without: remove(body, path) as JsonObject }))
}

function pathsOf(value: JsonValue | undefined, path: readonly string[]): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return []
  const isList = Array.isArray(value)
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(isList ? [] : [[...path, key]]),
    ...pathsOf(inner, [...path, key]),
  ])
}

function remove(value: JsonValue | undefined, [key = '', ...rest]: readonly string[]): JsonValue {
  if (typeof value !== 'object' || value === null) return value ?? null
  const entries = Object.entries(value).flatMap(([name, inner]) =>
    name !== key ? [[name, inner]] : rest.length === 0 ? [] : [[name, remove(inner, rest)]],
  )
  const copy: Record<string, JsonValue> = Object.fromEntries(entries)
  return Array.isArray(value) ? Object.values(copy) : copy
}

interface Outcome {
  readonly body: string
  readonly losses: readonly Loss[]
}

/** `undefined` when the request is refused: a refusal is no silence. */
function convert(body: JsonObject): Outcome | undefined {
  try {
    const profile = profiles.resolve('openai-chat', 'gpt-5.2', { id: 'openai' })
    const { body: converted, losses } = convertRequest({ from: 'anthropic-messages', to: 'openai-chat', body, profile })
    return { body: JSON.stringify(converted), losses }
  } catch (error) {
    if (ConversionError.is(error)) return undefined
    throw error
  }
}

function isSpokenOf(path: string, losses: readonly Loss[]): boolean {
  return losses.some((loss) => loss.path.startsWith(path) || path.startsWith(`${loss.path}/`))
}

/** Kinds that stand in an assistant's message. */
const ASSISTANT_KINDS: ReadonlySet<unknown> = new Set([
  'thinking',
  'redacted_thinking',
  'tool_use',
  'server_tool_use',
  'web_search_tool_result',
  'mcp_tool_use',
  'compaction',
])

function withContent(block: JsonObject): JsonObject {
  const role = ASSISTANT_KINDS.has(block['type']) ? 'assistant' : 'user'
  const call = { type: 'tool_use', id: 't1', name: 'n', input: { a: 1 } }
  const calling = block['type'] === 'tool_result' ? [{ role: 'assistant', content: [call] }] : []
  return { ...MINIMAL_REQUEST, messages: [...MINIMAL_REQUEST.messages, ...calling, { role, content: [block] }] }
}

const SAMPLES: readonly (readonly [name: string, body: JsonObject])[] = [
  ...Object.entries(CONTENT_BLOCKS).map(([name, block]) => [`content: ${name}`, withContent(block)] as const),
  ...Object.entries(MEMBERS).map(([name, part]) => [`request: ${name}`, { ...MINIMAL_REQUEST, ...part }] as const),
  ...Object.entries(TOOLS).map(([name, tool]) => [`tool: ${name}`, { ...MINIMAL_REQUEST, tools: [tool] }] as const),
]

describe('a Messages request on its way to Chat', () => {
  it.for(SAMPLES)('loses nothing without a word: %s', ([, body]) => {
    const outcome = convert(body)
    const silent = members(body)
      .filter(({ path }) => !SILENT.some((pattern) => pattern.test(path)))
      .filter(({ path, without }) => {
        const other = convert(without)
        if (outcome === undefined || other === undefined || other.body !== outcome.body) return false
        return !isSpokenOf(path, outcome.losses)
      })
    expect(silent.map(({ path }) => path)).toEqual([])
  })
})
