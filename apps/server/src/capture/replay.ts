import { hash } from 'node:crypto'

import {
  type CompiledRules,
  ConversionError,
  createConverter,
  type Exchange,
  type FormatName,
  type JsonObject,
  type Loss,
  parseBody,
  profiles,
  type ProfileOverrides,
  toJsonText,
} from '@relay/format-converter'

import type { CapturedExchange } from './captured-exchange.ts'
import { MAX_PART_BYTES } from './recording.ts'

/** With what a capture is played again. */
export interface ReplayPlan {
  /** What the target speaks; the answer is read in the format it was recorded in. */
  readonly upstreamFormat: FormatName
  readonly model: string
  readonly profile: ProfileOverrides
  readonly rules: CompiledRules | undefined
}

/** What a replay gave. Texts are as they would go over the wire, JSON with line breaks. */
export interface Replayed {
  /** Endpoint below the version segment; `undefined` when the request could not be converted. */
  readonly path: string | undefined
  readonly request: string
  readonly answer: string
  readonly losses: readonly Loss[]
  /** Why the request or the answer could not be converted. */
  readonly failure: string | undefined
}

/** Plays a capture again. Nothing is sent: the answer is the one that was recorded. */
export function replayCapture(capture: CapturedExchange, plan: ReplayPlan): Replayed {
  let exchange: Exchange
  try {
    exchange = openExchange(capture, plan)
  } catch (error) {
    const losses = ConversionError.is(error) ? error.losses : []
    const failure = capture.isCut && error instanceof SyntaxError ? CUT : messageOf(error)
    return { path: undefined, request: '', answer: '', losses, failure }
  }
  const request = prettyJson(toJsonText(exchange.request))
  const { answer, failure } = playAnswer(exchange, capture)
  const told = failure !== undefined && capture.isCut ? CUT : failure
  return { path: exchange.path, request, answer, losses: exchange.losses, failure: told }
}

/** What a parser says of an end that was not kept would blame the client or the upstream. */
const CUT = `the recording was cut at ${MAX_PART_BYTES / 1024 ** 2} MB and has no end`

/** The body as it was sent, with line breaks. */
export function sentText({ sent }: CapturedExchange): string {
  return prettyJson(textOf(sent))
}

function openExchange(capture: CapturedExchange, plan: ReplayPlan): Exchange {
  const { upstreamFormat: upstream, model, profile, rules } = plan
  const converter = createConverter({
    client: capture.clientFormat,
    upstream,
    answer: upstream === capture.upstreamFormat ? undefined : capture.upstreamFormat,
    profile: profiles.resolve(upstream, model, profile),
    policy: 'warn',
    hash: (text) => hash('sha256', text),
    // The same input gives the same bytes: only what the plan changed differs.
    ids: countedIds(),
    now: () => capture.startedAt,
    rules,
  })
  const body = parseBody(textOf(capture.request)) as JsonObject // the converter refuses what is none
  return converter.exchange(body, { model, requestId: capture.requestId })
}

function playAnswer(
  exchange: Exchange,
  { status, contentType, answer }: CapturedExchange,
): Pick<Replayed, 'answer' | 'failure'> {
  if (status === 0) return { answer: '', failure: undefined }
  const text = textOf(answer)
  try {
    if (status >= 400) return { answer: prettyJson(toJsonText(exchange.error(status, text).body)), failure: undefined }
    if (contentType?.includes('text/event-stream') !== true && !/^\s*(?:data|event|id|retry)?:/.test(text))
      return { answer: prettyJson(toJsonText(exchange.response(parseBody(text)).body)), failure: undefined }
    if (!exchange.wantsStream) {
      const aggregator = exchange.aggregate()
      aggregator.push(answer)
      return { answer: prettyJson(toJsonText(aggregator.end().body)), failure: undefined }
    }
    const stream = exchange.stream()
    const converted = stream.push(answer) + stream.end()
    return { answer: converted, failure: stream.error?.message }
  } catch (error) {
    return { answer: '', failure: messageOf(error) }
  }
}

function countedIds(): () => string {
  let count = 0
  return () => String(++count).padStart(24, '0')
}

/** Anything that is no JSON stays as it is. */
function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
