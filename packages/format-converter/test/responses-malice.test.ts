import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createAnswerFold } from '../src/convert/fold-answer.ts'
import { ConversionError, createConverter, type JsonObject, type JsonValue } from '../src/index.ts'
import type { AnswerEvent, OpenPart } from '../src/model/answer-event.ts'
import { createAnswerGuard } from '../src/model/answer-grammar.ts'
import { openaiResponses } from '../src/openai-responses/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { judgeMessagesStream } from '../src/testing/messages-judge.ts'
import {
  CHAT_TO_RESPONSES,
  convertSse,
  decodeEvents,
  encoding,
  judgeResponsesStream,
  readEvents,
  RESPONSES_TO_MESSAGES,
  RESPONSES_TO_RESPONSES,
  responsesSse,
} from '../src/testing/responses-judge.ts'

const SEED = 20_261_123

/** Anything where something else is expected. */
const odd: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>(null, '', 'x', '{}', 0, -1, 1.5, true, [], {}, [null], [[]], { type: {} }, '\ud83d'),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
)

const hostile = (shape: Record<string, fc.Arbitrary<JsonValue>>): fc.Arbitrary<JsonObject> =>
  fc.record(
    Object.fromEntries(
      Object.entries(shape).map(([name, value]) => [name, fc.oneof({ weight: 4, arbitrary: value }, odd)]),
    ),
    { requiredKeys: [] },
  )

const words = fc.constantFrom('a', 'b', ' ', '\n', '{"x":', '1}', '{}')
const part = hostile({
  type: fc.constantFrom('output_text', 'refusal', 'reasoning_text', 'summary_text'),
  text: words,
  refusal: words,
  annotations: fc.array(odd, { maxLength: 2 }),
})
const item = hostile({
  type: fc.constantFrom(
    'message',
    'reasoning',
    'function_call',
    'custom_tool_call',
    'shell_call',
    'local_shell_call',
    'apply_patch_call',
    'web_search_call',
    'compaction',
    'odd',
  ),
  id: fc.constantFrom('i1', 'i2'),
  call_id: fc.constantFrom('c1', 'c2', ''),
  name: fc.constantFrom('f', 'g', ''),
  arguments: words,
  input: words,
  content: fc.array(part, { maxLength: 2 }),
  summary: fc.array(part, { maxLength: 2 }),
  encrypted_content: words,
  action: odd,
  operation: odd,
  phase: words,
})
const event = hostile({
  type: fc.constantFrom(
    'response.created',
    'response.output_item.added',
    'response.output_item.done',
    'response.content_part.added',
    'response.content_part.done',
    'response.output_text.delta',
    'response.output_text.done',
    'response.output_text.annotation.added',
    'response.refusal.delta',
    'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.done',
    'response.reasoning_text.delta',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.custom_tool_call_input.delta',
    'keepalive',
    'odd',
  ),
  output_index: fc.constantFrom(0, 1, 2),
  content_index: fc.constantFrom(0, 1),
  summary_index: fc.constantFrom(0, 1),
  item_id: fc.constantFrom('i1', 'i2'),
  item,
  part,
  delta: words,
  text: words,
  arguments: words,
  annotation: odd,
  response: hostile({ id: words, output: fc.array(item, { maxLength: 2 }) }),
})
const terminal = hostile({
  type: fc.constantFrom('response.completed', 'response.incomplete'),
  response: hostile({
    output: fc.array(item, { maxLength: 3 }),
    usage: hostile({ input_tokens: fc.nat(9), output_tokens: odd }),
    incomplete_details: odd,
    status: words,
  }),
})

describe('hostile Responses input', () => {
  it('any events decode without throwing, into an answer that both SDKs accept', { timeout: 60_000 }, async () => {
    const runs = fc.asyncProperty(fc.array(event, { maxLength: 12 }), terminal, async (events, last) => {
      const all = [...events, { ...last, type: 'response.completed' }]
      expect(() => decodeEvents(all)).not.toThrow()
      const sse = responsesSse(...all)
      // Arguments that are no JSON are passed on as they come, unless they are gathered first.
      const messages = convertSse({ ...RESPONSES_TO_MESSAGES, options: { bufferToolArguments: true } }, sse)
      const responses = convertSse(RESPONSES_TO_RESPONSES, sse)
      expect(messages.stream.state).not.toBe('streaming')
      if (messages.stream.state === 'finished') await judgeMessagesStream(messages.text)
      if (responses.stream.state === 'finished') await judgeResponsesStream(responses.text)
    })
    await fc.assert(runs, { seed: SEED, numRuns: 400 })
  })

  it('any body as an answer is read or refused with a ConversionError', () => {
    const bodies = fc.oneof(
      odd,
      terminal.map((last) => last['response'] ?? null),
      hostile({
        output: fc.array(item, { maxLength: 4 }),
        status: fc.constantFrom('completed', 'failed', 'queued'),
        error: odd,
      }),
    )
    fc.assert(
      fc.property(bodies, (body) => {
        const exchange = createConverter({ client: 'anthropic-messages', upstream: 'openai-responses' }).exchange({
          model: 'm',
          max_tokens: 5,
          messages: [{ role: 'user', content: 'x' }],
        })
        expect(attempt(() => exchange.response(body))).toBe('fine')
      }),
      { seed: SEED, numRuns: 400 },
    )
  })

  it('any request is sent or refused with a ConversionError that names a place', () => {
    const tool = hostile({
      type: fc.constantFrom('function', 'custom', 'namespace', 'shell', 'web_search', 'mcp'),
      name: words,
      parameters: odd,
      tools: fc.array(odd, { maxLength: 2 }),
      format: odd,
    })
    const message = hostile({
      role: fc.constantFrom('user', 'assistant', 'developer'),
      content: fc.oneof(
        words,
        fc.array(
          hostile({
            type: fc.constantFrom('input_text', 'input_image', 'input_file'),
            text: words,
            image_url: words,
            file_data: words,
          }),
          { maxLength: 2 },
        ),
      ),
    })
    const request = hostile({
      input: fc.oneof(words, fc.array(fc.oneof(message, item), { maxLength: 5 })),
      instructions: words,
      tools: fc.array(tool, { maxLength: 3 }),
      tool_choice: odd,
      reasoning: odd,
      text: odd,
      include: odd,
      metadata: odd,
      context_management: odd,
    })
    fc.assert(
      fc.property(request, fc.constantFrom('anthropic-messages' as const, 'openai-chat' as const), (body, upstream) => {
        const converter = createConverter({ client: 'openai-responses', upstream })
        expect(attempt(() => converter.exchange({ model: 'm', ...body }))).toBe('fine')
      }),
      { seed: SEED, numRuns: 1000 },
    )
  })

  it('a list of items without end is refused before they are compared with each other', () => {
    const call = { type: 'function_call', name: 'f', arguments: '{}' }
    const output = Array.from({ length: 2_000 }, (_, index) => ({ ...call, call_id: `c${index}` }))
    const response = { id: 'resp_1', object: 'response', status: 'completed', output }
    const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-responses' })
    const exchange = converter.exchange({ model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] })
    expect(() => exchange.response(response)).toThrow('larger than Relay can hold at once')
  })

  it('keys of prototypes stay keys', () => {
    const body = JSON.parse(
      '{"model":"m","input":"x","__proto__":{"polluted":1},"constructor":1,"tools":[{"type":"function","name":"__proto__","parameters":{"type":"object","properties":{"__proto__":{"type":"string"}}}}]}',
    )
    const { request } = createConverter({ client: 'openai-responses', upstream: 'openai-chat' }).exchange(body)
    expect(Object.getPrototypeOf({})).not.toHaveProperty('polluted')
    expect(JSON.stringify(request)).toContain('"__proto__":{"type":"string"}')
  })
})

const opened: fc.Arbitrary<OpenPart> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), startsMessage: fc.boolean() }),
  fc.record({ type: fc.constant('reasoning' as const), kind: fc.constantFrom('full' as const, 'summary' as const) }),
  fc.record({
    type: fc.constant('tool-call' as const),
    id: fc.constantFrom('a', 'b'),
    name: fc.constantFrom('f', 'shell'),
    form: fc.constantFrom('json' as const, 'free' as const),
  }),
  fc.constant({ type: 'refusal' as const }),
  fc.constant({
    type: 'server-tool' as const,
    format: 'anthropic-messages' as const,
    raw: { type: 'server_tool_use', name: 'web_search', id: 's', input: { query: 'q' } },
  }),
  fc.constant({ type: 'compaction' as const }),
)
const step: fc.Arbitrary<Loose> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('open'), part: opened }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('delta'), block: fc.nat(5), text: words }) },
  fc.record({ type: fc.constant('boundary'), block: fc.nat(5) }),
  fc.record({
    type: fc.constant('seal'),
    block: fc.nat(5),
    seal: fc.constant({ kind: 'anthropic-signature', format: 'anthropic-messages', value: 'S' }),
  }),
  fc.record({
    type: fc.constant('citation'),
    block: fc.nat(5),
    citation: fc.constant({ url: 'https://a.example', format: 'anthropic-messages', raw: {} }),
  }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant('close'), block: fc.nat(5) }) },
  fc.constant({ type: 'ping' }),
)
const reason = fc.constantFrom('stop', 'length', 'tool', 'refusal', 'filter', 'pause', 'context', 'unknown')

describe('any answer as a Responses stream', () => {
  it('is accepted by the SDK, numbered without gaps, and ends with its items', async () => {
    const runs = fc.asyncProperty(fc.array(step, { maxLength: 30 }), reason, async (steps, why) => {
      const text = encode(steps, why)
      const events = readEvents(text)
      expect(events.map((one) => one.sequence_number)).toEqual(events.map((_, index) => index))
      const final = await judgeResponsesStream(text)
      const done = events
        .filter((one) => one.type === 'response.output_item.done')
        .toSorted((left, right) => left.output_index - right.output_index)
      expect(events.at(-1).response.output).toEqual(done.map((one) => one.item))
      expect(final.output).toHaveLength(done.length)
    })
    await fc.assert(runs, { seed: SEED, numRuns: 400 })
  })

  it('equals the whole answer when its blocks come one after the other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(opened, fc.array(words, { maxLength: 3 })), { maxLength: 8 }),
        reason,
        (blocks, why) => {
          const events = blocks.flatMap(([part, texts], block): Loose[] => [
            { type: 'open', part },
            ...texts.map((text) => ({ type: 'delta', block, text })),
            { type: 'close', block },
          ])
          const streamed = readEvents(encode(events, why)).at(-1).response
          expect(streamed).toEqual(openaiResponses.encodeAnswer(fold(events, why), encoding(CHAT_TO_RESPONSES)))
        },
      ),
      { seed: SEED, numRuns: 400 },
    )
  })
})

/** Events through the guard, as the engine sends them. */
function guarded(steps: readonly Loose[], why: Loose, emit: (event: AnswerEvent) => void): void {
  const guard = createAnswerGuard({ emit, report: () => {}, holdStart: false })
  let block = 0
  guard.push({ type: 'start' })
  for (const one of steps) guard.push(one.type === 'open' ? { ...one, block: block++ } : one)
  guard.push({ type: 'finish', reason: why })
  guard.push({ type: 'end' })
}

function encode(steps: readonly Loose[], why: Loose): string {
  const encoder = openaiResponses.createStreamEncoder(encoding(CHAT_TO_RESPONSES))
  let text = ''
  guarded(steps, why, (one) => {
    text += encoder.write(one)
  })
  return text
}

function fold(steps: readonly Loose[], why: Loose): ReturnType<ReturnType<typeof createAnswerFold>['result']> {
  const answer = createAnswerFold()
  guarded(steps, why, answer.push)
  return answer.result()
}

/** `fine` when it works or is refused in a way that a client can read. */
function attempt(work: () => unknown): unknown {
  try {
    work()
    return 'fine'
  } catch (error) {
    return ConversionError.is(error) ? 'fine' : error
  }
}
