import { ConversionError, createConverter, parseBody, toJsonText } from '@relay/format-converter'
import type { CompiledRules, Exchange, FormatName, JsonObject, Loss, UpstreamProfile } from '@relay/format-converter'
import { compileRules } from '@relay/format-converter/rules'

import { looksLikeStream, playStream } from './timeline.ts'
import type { Timeline } from './timeline.ts'

/** What is to be converted, as it was pasted. */
export interface InspectionInput {
  readonly client: FormatName
  readonly upstream: FormatName
  /** The client's request, JSON. */
  readonly request: string
  /** What the upstream answered: JSON, server-sent events, or nothing. */
  readonly answer: string
  /** HTTP status of the answer; an error's body is read by it. */
  readonly status: number
  /** The model to send; empty for the one that was asked for. */
  readonly model: string
  /** A set of rules as JSON; empty for none. */
  readonly rules: string
  /** What the target accepts; the shipped table's word on the model unless given. */
  readonly profile?: UpstreamProfile | undefined
}

/** Text that cannot be used, and where. */
export interface Mistake {
  readonly part: 'request' | 'answer' | 'rules'
  readonly message: string
  /** JSON Pointer into the part, where it is known. */
  readonly path: string
}

/** The request on its way up. */
export interface InspectedRequest {
  readonly client: JsonObject
  readonly upstream: JsonObject
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly losses: readonly Loss[]
}

/** The answer on its way back. */
export type InspectedAnswer =
  | { readonly type: 'whole'; readonly upstream: unknown; readonly client: unknown; readonly losses: readonly Loss[] }
  | { readonly type: 'error'; readonly upstream: unknown; readonly client: unknown; readonly status: number }
  | { readonly type: 'stream'; readonly timeline: Timeline }

/** What became of a pasted request and its answer. Nothing is sent. */
export interface Inspection {
  readonly request: InspectedRequest | undefined
  readonly answer: InspectedAnswer | undefined
  readonly mistakes: readonly Mistake[]
}

/** Converts what was pasted, here and now. Never throws: what is wrong is a mistake. */
export function inspect(input: InspectionInput): Inspection {
  const opened = openExchange(input)
  if ('message' in opened) return { request: undefined, answer: undefined, mistakes: [opened] }
  const { exchange, body } = opened
  const request: InspectedRequest = {
    client: body,
    upstream: exchange.request,
    path: exchange.path,
    headers: exchange.headers,
    losses: [...exchange.losses],
  }
  if (input.answer.trim() === '') return { request, answer: undefined, mistakes: [] }
  try {
    return { request, answer: readAnswer(exchange, input), mistakes: [] }
  } catch (error) {
    return { request, answer: undefined, mistakes: [toMistake('answer', error)] }
  }
}

function openExchange(input: InspectionInput): { exchange: Exchange; body: JsonObject } | Mistake {
  const { client, upstream, profile } = input
  const rules = readRules(input.rules)
  if ('message' in rules) return rules
  try {
    const body = parseBody(input.request) as JsonObject // anything else is refused by the converter, by name
    const model = input.model.trim() === '' ? undefined : input.model.trim()
    const converter = createConverter({ client, upstream, rules: rules.compiled, profile })
    return { exchange: converter.exchange(body, { model, requestId: 'req_inspected' }), body }
  } catch (error) {
    return toMistake('request', error)
  }
}

function readRules(text: string): { readonly compiled: CompiledRules | undefined } | Mistake {
  if (text.trim() === '') return { compiled: undefined }
  try {
    const compiled = compileRules(JSON.parse(text))
    if (compiled.ok) return { compiled: compiled.rules }
    const [first] = compiled.errors
    return { part: 'rules', message: first?.message ?? '', path: first?.path ?? '' }
  } catch (error) {
    return toMistake('rules', error)
  }
}

function readAnswer(exchange: Exchange, { answer, status }: InspectionInput): InspectedAnswer {
  if (looksLikeStream(answer)) return { type: 'stream', timeline: playStream(exchange, answer) }
  const upstream = parseBody(answer)
  if (status >= 400) {
    const converted = exchange.error(status, upstream)
    return { type: 'error', upstream, client: converted.body, status: converted.status }
  }
  const before = exchange.losses.length
  const { body, losses } = exchange.response(upstream)
  return { type: 'whole', upstream, client: JSON.parse(toJsonText(body)), losses: losses.slice(before) }
}

function toMistake(part: Mistake['part'], error: unknown): Mistake {
  if (ConversionError.is(error)) return { part, message: error.message, path: error.param ?? '' }
  return { part, message: error instanceof Error ? error.message : String(error), path: '' }
}
