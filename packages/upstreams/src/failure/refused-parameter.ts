import type { Failure } from '@relay/format-converter'

/** A parameter that an upstream does not take, as a path of member names such as `reasoning.effort`. */
export type ParameterPath = string

/** Words by which upstreams refuse a parameter as such; a wrong value of a known one is the client's to correct. */
const REFUSALS: readonly RegExp[] = [
  /unsupported (?:parameter|value|argument)/i, // OpenAI
  /unknown (?:parameter|name|field|argument)/i, // OpenAI, Google
  /unrecogni[sz]ed (?:request )?(?:parameter|argument|field|key)/i, // OpenAI, zod
  /extra (?:inputs|fields) (?:are )?not permitted/i, // Anthropic, pydantic
  /unexpected (?:keyword argument|field|property|parameter)/i, // vLLM, SGLang, JSON schema
  /(?:parameter|argument|field|option)s? not (?:supported|allowed|permitted|recogni[sz]ed)/i, // xAI
  /additional propert(?:y|ies) .{0,60}not allowed/i, // JSON schema
  /(?:is|are) (?:not supported|unsupported|not available|deprecated|not allowed|not permitted|not recogni[sz]ed)/i, // Groq, Mistral, Anthropic
  /(?:does not|doesn't|do not) support/i, // OpenAI, xAI, DeepSeek
  /may only be set to|cannot both be specified/i, // Anthropic, of sampling
]

/** Without these a request is another one, or none: they are never left out. */
const ESSENTIAL: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'input',
  'system',
  'instructions',
  'tools',
  'stream',
  'thread',
  'previous_response_id',
  'conversation',
  'max_tokens',
])

/** Names that stand for the same limit, of which an upstream knows one. */
const RENAMES: Readonly<Record<string, string>> = {
  max_tokens: 'max_completion_tokens',
  max_completion_tokens: 'max_tokens',
}

/** What a parameter that is not taken is sent as instead; nothing of it stays unless named here. */
export function replacementOf(parameter: ParameterPath): string | undefined {
  return RENAMES[parameter]
}

/** What an upstream was asked. */
export interface AskedRequest {
  /** Whether a member stands in the body, by its path. */
  readonly has: (path: readonly string[]) => boolean
  /** A format in which the two names of the output limit mean the same. */
  readonly isChat: boolean
}

/**
 * The parameter that an upstream refused by name, so that one more try without it is worth making.
 *
 * @returns `undefined` when the failure speaks of something else, or of something that cannot be left out
 */
export function readRefusedParameter(failure: Failure, asked: AskedRequest): ParameterPath | undefined {
  if (failure.kind !== 'invalid_request' && failure.kind !== 'unprocessable' && failure.kind !== 'unsupported_feature')
    return undefined
  const isRefusal =
    /^(?:unsupported|unknown)_(?:parameter|value)$/.test(failure.upstreamCode ?? '') ||
    REFUSALS.some((words) => words.test(failure.message))
  if (!isRefusal) return undefined
  const names = [...(failure.param === undefined ? [] : [failure.param]), ...namesIn(failure.message)]
  return names.map(toPath).find((path) => path !== undefined && mayGo(path, asked))
}

/** The words of a message that may name a member: what is quoted, what stands before a colon, and plain identifiers. */
function namesIn(message: string): readonly string[] {
  const text = message.slice(0, 1000)
  const quoted = [...text.matchAll(/['"`]([\w.[\]-]{2,80})['"`]/g)].map(([, name = '']) => name)
  const leading = [...text.matchAll(/(?:^|\s)([a-z][\w.]{1,80}):/g)].map(([, name = '']) => name)
  const plain = [
    ...text.matchAll(/[a-z]+(?:_[a-z\d]+)+|\b(?:temperature|reasoning|thinking|seed|stop|user|metadata|store)\b/g),
  ]
  // Of two that exclude each other, the later one goes.
  const ordered = /cannot both be specified/i.test(text) ? quoted.toReversed() : quoted
  return [...ordered, ...leading, ...plain.map(([name]) => name)]
}

/** `/reasoning/effort`, `body.reasoning.effort` and `reasoning.effort` are the same; what lies in a list is no parameter. */
function toPath(name: string): ParameterPath | undefined {
  const path = name
    .replace(/^\//, '')
    .replaceAll('/', '.')
    .replace(/^body\./, '')
  return /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,2}$/.test(path) ? path : undefined
}

function mayGo(path: ParameterPath, asked: AskedRequest): boolean {
  const [first = ''] = path.split('.')
  const isRenamed = asked.isChat && RENAMES[path] !== undefined
  return (isRenamed || !ESSENTIAL.has(first)) && asked.has(path.split('.'))
}
