import type { ChatRequest, OutputFormat, Parameter, Turn } from '../model/chat-request.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { withoutParameter, withParameter } from './parameters.ts'
import { sanitizeStructuredSchema, satisfiesStrictSubset } from './structured-schema.ts'

type JsonSchemaFormat = OutputFormat & { readonly type: 'json-schema' }

/** Longest name of a response format in Chat. */
const NAME_LIMIT = 64

/** Asks for structured output the way the target knows, or in words where it knows none. */
export function adaptOutputFormat(request: ChatRequest, context: AdaptContext): ChatRequest {
  const brief = verbosityAsText(request, context)
  const format = brief.parameters.outputFormat
  if (format === undefined) return brief
  switch (format.value.type) {
    case 'text':
      return withoutParameter(brief, 'outputFormat')
    case 'json-object':
      return isMessagesTarget(context)
        ? askInWords(brief, { format, words: 'Respond with one JSON object and nothing else.', context })
        : brief
    case 'json-schema':
      return adaptSchema(brief, { ...format, value: format.value }, context)
  }
}

function adaptSchema(request: ChatRequest, format: Parameter<JsonSchemaFormat>, context: AdaptContext): ChatRequest {
  if (context.profile.model.structuredOutput) {
    const value = isMessagesTarget(context) ? forMessages(format, context) : forChat(format, request, context)
    return value === format.value ? request : withParameter(request, 'outputFormat', { ...format, value })
  }
  const words = `Respond with one JSON value that follows this JSON Schema, and nothing else:\n${JSON.stringify(format.value.schema)}`
  const asked = askInWords(request, { format, words, context })
  if (isMessagesTarget(context)) return asked
  return withParameter(asked, 'outputFormat', { value: { type: 'json-object' }, path: format.path })
}

function forMessages(format: Parameter<JsonSchemaFormat>, { report }: AdaptContext): JsonSchemaFormat {
  const schema = sanitizeStructuredSchema(format.value.schema, { path: format.path, report })
  return schema === format.value.schema ? format.value : { ...format.value, schema }
}

/** Anthropic always enforces a schema; OpenAI only one of its strict subset. */
function forChat(format: Parameter<JsonSchemaFormat>, request: ChatRequest, context: AdaptContext): JsonSchemaFormat {
  const { value, path } = format
  const name = (value.name ?? 'output').replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, NAME_LIMIT)
  const wantsStrict = value.strict ?? request.format === 'anthropic-messages'
  const strict = wantsStrict && satisfiesStrictSubset(value.schema)
  if (wantsStrict && !strict) {
    context.report({
      code: 'strict_dropped',
      level: 'degraded',
      path,
      message: 'the schema is outside of what the target enforces strictly',
    })
  }
  return { ...value, name: name === '' ? 'output' : name, strict }
}

interface Wording {
  readonly format: Parameter<unknown>
  readonly words: string
  readonly context: AdaptContext
}

function askInWords(request: ChatRequest, { format, words, context }: Wording): ChatRequest {
  const message = 'the target does not enforce this format; it is asked for in the system prompt'
  context.report({ code: 'response_format_degraded', level: 'degraded', path: format.path, message })
  return withoutParameter(withSystemLine(request, words, format.path), 'outputFormat')
}

/** By option: how long the answer shall be, in words. */
function verbosityAsText(request: ChatRequest, { profile, options, report }: AdaptContext): ChatRequest {
  const verbosity = request.parameters.verbosity
  if (!options.verbosityAsText || verbosity === undefined || profile.format !== 'anthropic-messages') return request
  const without = withoutParameter(request, 'verbosity')
  if (verbosity.value === 'medium') return without
  report({
    code: 'param_unsupported',
    level: 'degraded',
    path: verbosity.path,
    message: 'the verbosity is asked for in the system prompt',
  })
  const words = verbosity.value === 'low' ? 'Keep the answer short.' : 'Answer in detail.'
  return withSystemLine(without, words, verbosity.path)
}

/** Adds a line at the end of the system prompt. */
function withSystemLine(request: ChatRequest, text: string, path: string): ChatRequest {
  const start = request.turns.findIndex((turn) => turn.role !== 'operator')
  const position = start === -1 ? request.turns.length : start
  const turn: Turn = { role: 'operator', path, parts: [{ type: 'text', text, path }] }
  return { ...request, turns: request.turns.toSpliced(position, 0, turn) }
}
