import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Message } from '@anthropic-ai/sdk/resources/messages'
import { describe, expect, it } from 'vitest'

import { createAnswerFold } from '../convert/fold-answer.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import { createAnswerGuard } from '../model/answer-grammar.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import {
  CLAUDE_PROFILE,
  decodingContext,
  encodingContext,
  judgeMessagesStream,
  readSse,
} from '../testing/messages-judge.ts'
import { decodeAnswer } from './decode-answer.ts'
import { decodeRequest } from './decode-request.ts'
import { createStreamDecoder } from './decode-stream.ts'
import { encodeAnswer } from './encode-answer.ts'
import { encodeRequest } from './encode-request.ts'
import { createStreamEncoder } from './encode-stream.ts'
import { tap } from './tap.ts'

/** Recorded provider traffic; it lies beside the repository, where it lies at all. */
const FOLDER = fileURLToPath(new URL('../../../../../shared/recorded/anthropic-messages/', import.meta.url))

interface Exchange {
  readonly name: string
  readonly request?: JsonObject
  readonly response: { readonly status: number; readonly body?: JsonObject; readonly sse?: readonly string[] }
}

const exchanges: Exchange[] = existsSync(FOLDER)
  ? readdirSync(FOLDER).map((name) => ({ name, ...JSON.parse(readFileSync(FOLDER + name, 'utf8')) }))
  : []
if (exchanges.length === 0)
  process.stdout.write('recorded Messages exchanges are not here; their tests have nothing to run\n')

function decodeEvents(exchange: Exchange, losses: LossReport[]): AnswerEvent[] {
  const { body, sse } = exchange.response
  if (body !== undefined) return decodeAnswer(body, decodingContext(losses))
  const events: AnswerEvent[] = []
  const decoder = createStreamDecoder(decodingContext(losses), (event) => events.push(event))
  for (const { event, data } of readSse((sse ?? []).join(''))) decoder.push(data, event)
  decoder.end()
  return events
}

/** The events as the client's encoder gets them, their order checked. */
function guarded(events: readonly AnswerEvent[], losses: LossReport[]): AnswerEvent[] {
  const passed: AnswerEvent[] = []
  const guard = createAnswerGuard({
    emit: (event) => passed.push(event),
    report: (loss) => losses.push(loss),
    holdStart: true,
  })
  for (const event of events) guard.push(event)
  return passed
}

describe.runIf(exchanges.length > 0)('recorded Messages exchanges', () => {
  it.for(exchanges.map((exchange) => [exchange.name, exchange] as const))(
    '%s: the answer keeps its content, as a whole and as a stream',
    async ([, exchange]) => {
      const losses: LossReport[] = []
      const events = guarded(decodeEvents(exchange, losses), losses)
      const fold = createAnswerFold()
      for (const event of events) fold.push(event)
      const whole: Message = JSON.parse(JSON.stringify(encodeAnswer(fold.result(), encodingContext(losses))))
      const encoder = createStreamEncoder(encodingContext(losses))
      const streamed = await judgeMessagesStream(events.map((event) => encoder.write(event)).join(''))
      expect(withoutStartCounts(streamed)).toEqual(withoutStartCounts(whole))
      const seen =
        (exchange.response.body as Message | undefined) ??
        (await judgeMessagesStream((exchange.response.sse ?? []).join('')))
      expect(whole.content).toEqual(seen.content.map((block) => normalizeBlock({ ...block })))
      expect(whole).toMatchObject({
        stop_reason: seen.stop_reason,
        usage: { input_tokens: seen.usage.input_tokens, output_tokens: seen.usage.output_tokens },
      })
      expect(losses.filter((loss) => loss.level !== 'info')).toEqual([])
    },
  )

  it.for(
    exchanges.filter(({ request }) => request !== undefined).map((exchange) => [exchange.name, exchange] as const),
  )('%s: the request comes back as it was', ([, { request = {} }]) => {
    const losses: LossReport[] = []
    const report = (loss: LossReport) => losses.push(loss)
    const { body } = encodeRequest(decodeRequest(request, { report }), {
      profile: CLAUDE_PROFILE,
      options: DEFAULT_OPTIONS,
      report,
    })
    expect(normalizeRequest(JSON.parse(JSON.stringify(body)))).toEqual(normalizeRequest(request))
    expect(losses).toEqual([])
  })

  it.for(
    exchanges
      .filter(({ response }) => response.sse !== undefined)
      .map((exchange) => [exchange.name, exchange] as const),
  )('%s: the tap sees start, finish and end', ([, { response }]) => {
    const seen = readSse((response.sse ?? []).join(''))
    const readings = seen
      .filter(({ event, data }) => tap.mustParse(event, JSON.stringify(data)))
      .map(({ event, data }) => tap.read(data, event))
    expect(readings.some((reading) => reading.model !== undefined)).toBe(true)
    expect(readings.some((reading) => reading.hasFinish)).toBe(true)
    expect(readings.at(-1)).toEqual({ isTerminal: true })
    expect(readings.length).toBeLessThan(seen.length)
  })
})

/** Members of `usage` that `message_delta` cannot carry. */
function withoutStartCounts(message: Message): unknown {
  const { cache_creation: _creation, service_tier: _tier, speed: _speed, inference_geo: _geo, ...usage } = message.usage
  return { ...message, usage }
}

/** A block with the members that are always written. */
function normalizeBlock(block: Record<string, unknown>): Record<string, unknown> {
  if (block['type'] === 'text') {
    const citations = Array.isArray(block['citations']) && block['citations'].length > 0 ? block['citations'] : null
    return { ...block, citations }
  }
  return block['type'] === 'tool_use' ? { ...block, caller: { type: 'direct' } } : block
}

/** The documented differences: text instead of one block of text, and defaults that were spelled out. */
function normalizeRequest(request: JsonObject): JsonObject {
  const { stream, ...rest } = request
  const messages = isJsonArray(request['messages']) ? request['messages'] : []
  return {
    ...rest,
    ...(stream === true && { stream }),
    ...(request['system'] !== undefined && { system: normalizeContent(request['system']) }),
    messages: messages.map((message) =>
      isJsonObject(message) ? { ...message, content: normalizeContent(message['content']) } : message,
    ),
  }
}

function normalizeContent(content: JsonValue | undefined): JsonValue {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!isJsonArray(content)) return content ?? null
  return content.map((block) =>
    isJsonObject(block) && block['type'] === 'tool_result'
      ? { ...block, content: normalizeContent(block['content']) }
      : block,
  )
}
