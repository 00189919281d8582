import type { ModelFacts, ModelInput } from '../meter/prices/model-price.ts'
import { memberOf } from '../relay/member-of.ts'

/** A model as its upstream lists it. */
export interface ListedModel {
  readonly name: string
  /** What the upstream says of it; most say nothing. */
  readonly facts: ModelFacts
}

/** Each is looked up in the price table: a list without end would hold everybody up. Those beyond are served, and not shown. */
const MAX_MODELS = 2_000
const MAX_NAME_LENGTH = 256

type Path = readonly string[]

/** Where servers of OpenAI's kind say it: Groq and Relay, OpenRouter and Together, vLLM, Mistral. */
const CONTEXT_WINDOW: readonly Path[] = [
  ['context_window'],
  ['context_length'],
  ['max_model_len'],
  ['max_context_length'],
]
const MAX_OUTPUT: readonly Path[] = [
  ['max_completion_tokens'],
  ['max_output_tokens'],
  ['top_provider', 'max_completion_tokens'],
]
const INPUTS: readonly Path[] = [['input_modalities'], ['architecture', 'input_modalities']]

/** Words for what a request may contain; what is not among them is nothing that Relay asks about. */
const KINDS: ReadonlyMap<unknown, ModelInput> = new Map<string, ModelInput>([
  ['text', 'text'],
  ['image', 'image'],
  ['file', 'pdf'],
  ['pdf', 'pdf'],
  ['audio', 'audio'],
  ['video', 'video'],
])

/**
 * Reads the answer to `GET /v1/models`: both vendors list `data[].id`.
 *
 * @returns `undefined` when it is no list
 */
export function readListedModels(body: unknown): readonly ListedModel[] | undefined {
  const entries: unknown = memberOf(body, 'data')
  return Array.isArray(entries) ? entries.slice(0, MAX_MODELS).flatMap(readModel) : undefined
}

function readModel(entry: unknown): readonly ListedModel[] {
  const name = memberOf(entry, 'id')
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH) return []
  // Only Anthropic's entries say what kind of object they are in this way; elsewhere `max_tokens` may mean anything.
  return [{ name, facts: memberOf(entry, 'type') === 'model' ? anthropicFacts(entry) : openaiFacts(entry) }]
}

function openaiFacts(entry: unknown): ModelFacts {
  return {
    contextWindow: firstCount(entry, CONTEXT_WINDOW),
    maxOutputTokens: firstCount(entry, MAX_OUTPUT),
    inputs: INPUTS.map((path) => readInputs(at(entry, path))).find((inputs) => inputs !== undefined),
  }
}

function anthropicFacts(entry: unknown): ModelFacts {
  return {
    contextWindow: firstCount(entry, [['max_input_tokens']]),
    maxOutputTokens: firstCount(entry, [['max_tokens']]),
    inputs: readCapabilities(memberOf(entry, 'capabilities')),
  }
}

function readInputs(kinds: unknown): readonly ModelInput[] | undefined {
  if (!Array.isArray(kinds)) return undefined
  const inputs = kinds.flatMap((kind) => KINDS.get(kind) ?? [])
  return inputs.length === 0 ? undefined : inputs
}

function readCapabilities(capabilities: unknown): readonly ModelInput[] | undefined {
  const image = at(capabilities, ['image_input', 'supported'])
  const pdf = at(capabilities, ['pdf_input', 'supported'])
  if (typeof image !== 'boolean' || typeof pdf !== 'boolean') return undefined
  return ['text', ...(image ? (['image'] as const) : []), ...(pdf ? (['pdf'] as const) : [])]
}

function firstCount(entry: unknown, paths: readonly Path[]): number | undefined {
  return paths.map((path) => readCount(at(entry, path))).find((count) => count !== undefined)
}

/** Some servers say 0 or -1 for what they do not know. */
function readCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(memberOf, value)
}
