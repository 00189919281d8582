import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../src/model/json.ts'
import { wrapSeal } from '../../src/wire/seal-envelope.ts'
import { PDF, PNG } from '../catalogue/request-bodies.ts'

/** A schema that every vendor takes, strictly too. */
export const SCHEMA: JsonObject = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
}

/** Values that must be of a kind which the type of a member does not tell. */
const EXAMPLES: Readonly<Record<string, JsonValue>> = {
  arguments: '{"a":"b"}',
  budget_tokens: 2048,
  call_id: 'call_1',
  data: PNG,
  file_data: `data:application/pdf;base64,${PDF}`,
  file_url: 'https://example.com/a.pdf',
  input_schema: SCHEMA,
  max_completion_tokens: 4000,
  max_output_tokens: 4000,
  max_tokens: 8000,
  model: 'm',
  n: 2,
  parameters: SCHEMA,
  schema: SCHEMA,
  server_url: 'https://example.com',
  source_url: 'https://example.com',
  temperature: 0.5,
  tool_call_id: 'call_1',
  tool_use_id: 'call_1',
  top_k: 5,
  top_logprobs: 3,
  top_p: 0.5,
  truncation: 'auto',
  url: 'https://example.com/a.png',
}

/** Words that say what is the case anyway. */
const USUAL: ReadonlySet<JsonValue> = new Set([
  'auto',
  'default',
  'standard',
  'text',
  'none',
  'omitted',
  'in_memory',
  'minimal',
])

export function isUsual(word: JsonValue): boolean {
  return USUAL.has(word)
}

/** Members of which an object needs one, although none is required: told by the names that stand together. */
const NEEDED: readonly (readonly [together: readonly string[], needed: readonly string[]])[] = [
  [
    ['file_data', 'file_id', 'filename'],
    ['file_data', 'filename'],
  ],
  [['image_url', 'file_id', 'detail'], ['image_url']],
  // Only a server whose tools nobody has to approve can go elsewhere.
  [
    ['server_label', 'server_url', 'connector_id'],
    ['server_url', 'require_approval'],
  ],
  [['tool_names', 'read_only'], ['tool_names']],
  [['schema', 'strict', 'description'], ['schema']],
  [['allowed_domains'], ['allowed_domains']],
  [['user_id'], ['user_id']],
  [['call_id', 'output'], ['call_id']],
  [['approximate'], ['approximate']],
  [['city', 'country', 'region', 'timezone'], ['country']],
]

/** What an object of these members needs beside what its type requires. */
export function neededOf(members: readonly string[]): readonly string[] {
  return NEEDED.flatMap(([together, needed]) => (together.every((name) => members.includes(name)) ? needed : []))
}

/** Members that may not stand together: where one is looked at, the others are left out. */
const EITHER: readonly (readonly string[])[] = [
  ['file_data', 'file_id', 'file_url'],
  ['image_url', 'file_id'],
  ['server_url', 'connector_id'],
]

export function areEither(member: string, other: string): boolean {
  return member !== other && EITHER.some((names) => names.includes(member) && names.includes(other))
}

/** A value for a member: an example where the member needs one, else what its type gave. */
export function exampleOf(member: string, typed: JsonValue): JsonValue {
  const special = SPECIAL.get(member)?.(typed)
  if (special !== undefined) return special
  const isPlain = typeof typed !== 'object' || typed === null || member.endsWith('schema') || member === 'parameters'
  return isPlain && Object.hasOwn(EXAMPLES, member) ? (EXAMPLES[member] ?? null) : typed
}

type Example = (typed: JsonValue) => JsonValue | undefined

/** Members whose example depends on what the type says, and proofs: those of the other vendor, as Relay handed them out. */
const SPECIAL: ReadonlyMap<string, Example> = new Map<string, Example>([
  ['image_url', (typed: JsonValue) => (typeof typed === 'string' ? `data:image/png;base64,${PNG}` : undefined)],
  ['require_approval', () => 'never'],
  ['encrypted_content', () => wrapSeal({ kind: 'anthropic-signature', format: 'anthropic-messages', value: 'S' })],
  ['signature', () => wrapSeal({ kind: 'openai-reasoning', format: 'openai-responses', value: 'E', itemId: 'rs_1' })],
  // Both ways to name an allowed tool: that of Chat and that of Responses.
  [
    'tools',
    (typed) => (isToolName(typed) ? [{ type: 'function', name: 'word', function: { name: 'word' } }] : undefined),
  ],
])

/** Allowed tools are objects of any shape to the types; their names have to be declared. */
function isToolName(list: JsonValue): boolean {
  const first = isJsonArray(list) ? list[0] : undefined
  return isJsonObject(first) && Object.keys(first).join() === 'a'
}

/** The types do not tell that a document's bytes are a document's. */
export function withFittingBytes(object: JsonObject): JsonObject {
  return object['media_type'] === 'application/pdf' ? { ...object, data: PDF } : object
}
