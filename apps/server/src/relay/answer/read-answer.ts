import {
  ConversionError,
  type ConvertedAnswer,
  parseBody,
  type SentExchange,
  toJsonText,
} from '@relay/format-converter'

import { isUnreadable } from '../request/body-shape.ts'

/** A whole answer of an upstream. */
export interface ReceivedAnswer {
  readonly body: Uint8Array
  /** It streamed although one piece was asked for. */
  readonly isSse: boolean
}

/** A whole answer in the client's words. */
export interface ReadAnswer extends Omit<ConvertedAnswer, 'body' | 'stop'> {
  /** What the client gets: the bytes as they came, where nothing had to be changed. */
  readonly bytes: Uint8Array
}

/** @throws ConversionError when the body is no answer */
export function readAnswer(exchange: SentExchange, { body, isSse }: ReceivedAnswer): ReadAnswer {
  const json = withoutMark(body)
  const { body: converted, stop: _, ...facts } = isSse ? collect(exchange, json) : exchange.response(parse(json))
  const isUntouched = !isSse && facts.isUntouched
  return { ...facts, isUntouched, bytes: isUntouched ? json : new TextEncoder().encode(toJsonText(converted)) }
}

function collect(exchange: SentExchange, body: Uint8Array): ConvertedAnswer {
  const aggregator = exchange.aggregate()
  aggregator.push(body)
  return aggregator.end()
}

/** Some servers begin JSON with a byte order mark, which is no part of it. */
function withoutMark(body: Uint8Array): Uint8Array {
  const [first, second, third] = body
  return first === 0xef && second === 0xbb && third === 0xbf ? body.subarray(3) : body
}

function parse(body: Uint8Array): unknown {
  if (isUnreadable(body))
    throw new ConversionError('overflow', 'the answer has more values or levels than any model sends')
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  try {
    return parseBody(text)
  } catch {
    return text // no JSON: the converter says what it is (HTML, plain text, nothing)
  }
}
