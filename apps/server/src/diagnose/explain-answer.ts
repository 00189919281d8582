import {
  ConversionError,
  convertError,
  convertResponse,
  convertStream,
  type FormatName,
  type Loss,
  parseBody,
  toJsonText,
  type Usage,
} from '@relay/format-converter'
import { recogniseAnswerFormat } from '@relay/upstreams'

import { ServerError } from '../server-error.ts'

/** An answer of an upstream as somebody pasted it: JSON, an event stream, or an error body. */
export interface PastedAnswer {
  readonly text: string
  /** The upstream's format; recognised when it is not said. */
  readonly from?: FormatName | undefined
  /** The client's format. */
  readonly to: FormatName
  /** HTTP status that came with it; default 200, and 500 for an error body. */
  readonly status?: number | undefined
}

/** What Relay makes of an answer. */
export interface AnswerExplanation {
  readonly kind: 'answer' | 'stream' | 'error'
  readonly from: FormatName
  readonly to: FormatName
  /** What the client would get: JSON, or an event stream. */
  readonly converted: string
  /** Why the client would get an error, or see its stream break. */
  readonly trouble: string | undefined
  readonly losses: readonly Loss[]
  readonly usage: Usage | undefined
  /** Events of the pasted stream. */
  readonly events: number | undefined
}

const STREAM_START = /^\uFEFF?\s*(?:event|data|id|retry)?:/

/**
 * Says what Relay makes of a pasted answer.
 *
 * @throws ServerError `invalid_request` when it is neither JSON nor an event stream
 */
export function explainAnswer(answer: PastedAnswer): AnswerExplanation {
  return STREAM_START.test(answer.text) ? explainStream(answer) : explainBody(answer)
}

function explainStream({ text, from: said, to }: PastedAnswer): AnswerExplanation {
  const bytes = Buffer.from(text)
  const from = said ?? recogniseAnswerFormat(bytes, to) ?? to
  const { converter } = convertStream({ from, to })
  const output = [converter.push(bytes), converter.end()].map((piece) => Buffer.from(piece).toString('utf8'))
  return {
    kind: 'stream',
    from,
    to,
    converted: output.join(''),
    trouble: converter.error?.message,
    losses: converter.losses,
    usage: converter.usage,
    events: converter.stats.eventsIn,
  }
}

function explainBody(answer: PastedAnswer): AnswerExplanation {
  const body = readJson(answer.text)
  const from = answer.from ?? recogniseAnswerFormat(body, answer.to) ?? answer.to
  if (isError(body, answer.status)) return explainError(answer, from, body)
  const head = { kind: 'answer', from, to: answer.to, events: undefined } as const
  try {
    const converted = convertResponse({ from, to: answer.to, body })
    const { losses, usage } = converted
    return { ...head, converted: toJsonText(converted.body), trouble: undefined, losses, usage }
  } catch (error) {
    if (!ConversionError.is(error)) throw error
    return { ...head, converted: '', trouble: error.message, losses: error.losses, usage: undefined }
  }
}

function explainError({ to, status = 500 }: PastedAnswer, from: FormatName, body: object): AnswerExplanation {
  const { body: converted, failure } = convertError({ from, to, status, body })
  const head = { kind: 'error', from, to, events: undefined, losses: [], usage: undefined } as const
  return { ...head, converted: JSON.stringify(converted), trouble: `${failure.kind}: ${failure.message}` }
}

function isError(body: object, status: number | undefined): boolean {
  if (status !== undefined && status >= 400) return true
  const error: unknown = Object.getOwnPropertyDescriptor(body, 'error')?.value
  return typeof error === 'object' && error !== null
}

function readJson(text: string): object {
  try {
    const body = parseBody(text)
    if (typeof body === 'object' && body !== null) return body
  } catch {
    // said below, without a word of the text
  }
  throw new ServerError('invalid_request', 'the answer is neither a JSON object nor an event stream', {
    param: '/answer',
  })
}
