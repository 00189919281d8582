import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { codecFor } from '../../src/format.ts'
import { createConverter, profiles, type JsonObject } from '../../src/index.ts'
import { explode, type Answer, type AnswerBlock, type ChatRequest, type ContentPart } from '../../src/ir.ts'
import { cacheWriteTotal, inputTotal } from '../../src/model/usage.ts'
import { DEFAULT_OPTIONS } from '../../src/options.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { gather, plain, pour } from '../support/exchanges.ts'
import { DIRECTIONS, FORMATS, type Format } from '../support/pairs.ts'

const SEED = 20_261_123
const RUNS = 100

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => `w ${text.trim()} w`)
const names = fc.constantFrom('look', 'write', 'list_all')
const inputs = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null)),
  { maxKeys: 3 },
)

const TOOLS = ['look', 'write', 'list_all'].map((name) => ({
  name,
  description: `Does ${name}.`,
  input_schema: { type: 'object', properties: { a: { type: 'string' } } },
}))

interface Round {
  readonly asked: string
  readonly said: string | undefined
  readonly calls: readonly { readonly name: string; readonly input: object; readonly result: string }[]
  readonly answered: string
}

const rounds: fc.Arbitrary<readonly Round[]> = fc.array(
  fc.record({
    asked: words,
    said: fc.option(words, { nil: undefined }),
    calls: fc.array(fc.record({ name: names, input: inputs, result: words }), { maxLength: 3 }),
    answered: words,
  }),
  { minLength: 1, maxLength: 4 },
)

/** A conversation as a Messages client sends it; other clients get it converted. */
function messagesOf(given: readonly Round[]): JsonObject[] {
  let ids = 0
  return given.flatMap(({ asked, said, calls, answered }) => {
    const made = calls.map((call) => ({ ...call, id: `call_${(ids += 1)}` }))
    const loop = [
      {
        role: 'assistant',
        content: [
          ...textBlocks(said),
          ...made.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input: plain(input) })),
        ],
      },
      {
        role: 'user',
        content: made.map(({ id, result }) => ({ type: 'tool_result', tool_use_id: id, content: result })),
      },
    ]
    return [
      { role: 'user', content: asked },
      ...(made.length === 0 ? [] : loop),
      { role: 'assistant', content: answered },
    ]
  })
}

function textBlocks(text: string | undefined): JsonObject[] {
  return text === undefined ? [] : [{ type: 'text', text }]
}

const wishes: fc.Arbitrary<JsonObject> = fc.record(
  {
    system: words,
    temperature: fc.constantFrom(0, 0.5, 1),
    top_p: fc.constantFrom(0.5, 0.9),
    stop_sequences: fc.array(fc.constantFrom('END', 'STOP'), { minLength: 1, maxLength: 2 }),
    tool_choice: fc.constantFrom(
      { type: 'any' },
      { type: 'none' },
      { type: 'tool', name: 'look' },
      { type: 'auto', disable_parallel_tool_use: true },
    ),
    stream: fc.constant(true),
  },
  { requiredKeys: [] },
)

/** A model that no table knows: nothing is taken away for its sake. */
const MODEL = 'some-model'

interface Sent {
  readonly body: JsonObject
  readonly losses: number
}

function send(client: Format, upstream: Format, body: JsonObject): Sent {
  const profile = profiles.resolve(upstream, MODEL)
  const { request, losses } = createConverter({ client, upstream, profile }).exchange(body)
  return { body: plain(request), losses: losses.length }
}

const requestsOf = (format: Format): fc.Arbitrary<JsonObject> =>
  fc.tuple(rounds, wishes, words).map(([given, wish, last]) => {
    const messages = [...messagesOf(given), { role: 'user', content: last }]
    const body = { model: MODEL, max_tokens: 1000, tools: TOOLS, ...wish, messages }
    return format === 'anthropic-messages' ? body : send('anthropic-messages', format, body).body
  })

function decode(format: Format, body: JsonObject): ChatRequest {
  return codecFor(format).decodeRequest(body, { report: () => {} })
}

/** Who says what, in order: what no conversion may change. */
function conversationOf(format: Format, body: JsonObject): unknown[] {
  return decode(format, body).turns.flatMap(({ role, parts }) => parts.map((part) => [role, ...essenceOf(part)]))
}

function essenceOf(part: ContentPart): unknown[] {
  switch (part.type) {
    case 'text':
      return ['says', part.text]
    case 'tool-call':
      return ['calls', part.id, part.name, JSON.parse(part.arguments)]
    case 'tool-result':
      return [
        'gets',
        part.callId,
        part.parts.map((inner) => (inner.type === 'text' ? inner.text : inner.type)).join(''),
      ]
    default:
      return [part.type]
  }
}

/** Everything a request means, without the places where it stood. */
function meaningOf(request: ChatRequest): Loose {
  return JSON.parse(JSON.stringify(request, (key, value) => (key === 'path' ? undefined : value)))
}

describe.each(DIRECTIONS)('a request from $client to $upstream and back', ({ client, upstream }) => {
  test('keeps texts, calls, ids and their order', () => {
    const property = fc.property(requestsOf(client), (body) => {
      const back = send(upstream, client, send(client, upstream, body).body)
      expect(conversationOf(client, back.body)).toEqual(conversationOf(client, body))
    })
    fc.assert(property, { seed: SEED, numRuns: RUNS })
  })

  test('keeps every parameter when no loss was reported on either way', () => {
    let compared = 0
    const property = fc.property(requestsOf(client), (body) => {
      const there = send(client, upstream, body)
      const back = send(upstream, client, there.body)
      if (there.losses + back.losses > 0) return
      compared += 1
      const { parameters, tools } = meaningOf(decode(client, body))
      const returned = meaningOf(decode(client, back.body))
      expect(returned.parameters).toMatchObject(parameters)
      expect(returned.tools).toMatchObject(tools)
    })
    fc.assert(property, { seed: SEED, numRuns: RUNS })
    expect(compared).toBeGreaterThan(RUNS / 10)
  })
})

/** Wishes that a format spells in its own way, and that no other one needs to be told of. */
const OWN: { readonly [Name in Format]: fc.Arbitrary<JsonObject> } = {
  'anthropic-messages': fc.record({ top_k: fc.nat(9), service_tier: fc.constantFrom('auto', 'standard_only') }),
  'openai-chat': fc.record({
    response_format: fc.constantFrom({ type: 'text' }, { type: 'json_object' }),
    seed: fc.nat(9),
    frequency_penalty: fc.constantFrom(-1, 0.5),
    presence_penalty: fc.constantFrom(-1, 0.5),
    logit_bias: fc.constant({ '1': 5 }),
    logprobs: fc.constant(true),
    n: fc.constantFrom(1, 2),
  }),
  'openai-responses': fc.record({
    text: fc.constantFrom({ format: { type: 'text' } }, { format: { type: 'json_object' }, verbosity: 'low' }),
    truncation: fc.constantFrom('auto', 'disabled'),
    max_tool_calls: fc.nat(9),
    background: fc.boolean(),
    previous_response_id: fc.constant('resp_1'),
  }),
}

describe.each(FORMATS)('a request of %s', (format) => {
  test('is the same after decoding, encoding and decoding again', () => {
    const property = fc.property(requestsOf(format), OWN[format], (common, own) => {
      const body = { ...common, ...own }
      const context = { profile: profiles.resolve(format, MODEL), options: DEFAULT_OPTIONS, report: () => {} }
      const decoded = decode(format, body)
      const again = decode(format, plain(codecFor(format).encodeRequest(decoded, context).body))
      expect(meaningOf(again)).toEqual(meaningOf(decoded))
    })
    fc.assert(property, { seed: SEED, numRuns: RUNS })
  })
})

const count = fc.nat(100_000)
const callBlock = fc.record({ name: names, input: inputs })

/** An answer in the order that every format has: reasoning, text, calls. */
const answers: fc.Arbitrary<Answer> = fc
  .record({
    reasoning: fc.option(words, { nil: undefined }),
    text: fc.option(words, { nil: undefined }),
    calls: fc.array(callBlock, { maxLength: 3 }),
    usage: fc.record({ inputUncached: count, cacheRead: count, cacheWriteOther: count, output: count }),
    isCut: fc.boolean(),
  })
  .map(({ reasoning, text, calls, usage, isCut }): Answer => {
    const blocks = [
      ...(reasoning === undefined ? [] : [block({ type: 'reasoning', kind: 'full' }, reasoning)]),
      ...(text === undefined ? [] : [block({ type: 'text' }, text)]),
      ...calls.map(({ name, input }, index) =>
        block({ type: 'tool-call', id: `call_${index}`, name, form: 'json' }, JSON.stringify(input)),
      ),
    ]
    return { blocks, usage, stop: isCut ? 'length' : calls.length > 0 ? 'tool' : 'stop' }
  })

function block(part: AnswerBlock['part'], text: string): AnswerBlock {
  return { part, text, sections: [text], citations: [] }
}

/** The answer as an upstream of a format would stream it. */
function streamOf(format: Format, answer: Answer): string {
  let ids = 0
  const encoder = codecFor(format).createStreamEncoder({
    model: 'up-model',
    id: 'x'.repeat(24),
    newId: () => String((ids += 1)).padStart(24, '0'),
    createdSeconds: 1,
    nowSeconds: () => 1,
    options: DEFAULT_OPTIONS,
    showsReasoning: true,
    wantsStreamUsage: true,
    usesLegacyFunctions: false,
    upstreamFormat: format,
    report: () => {},
  })
  return explode(answer)
    .map((event) => encoder.write(event))
    .join('')
}

/** What an answer says, for whoever reads it: texts, calls, counts, reason. */
function essenceOfAnswer(format: Format, sse: string): unknown {
  const whole = gather({ client: format, upstream: format }, sse)
  const events = codecFor(format).decodeAnswer(whole, {
    profile: profiles.resolve(format, MODEL),
    newId: () => 'minted',
    stop: [],
    report: () => {},
  })
  const usage = codecFor(format).decodeUsage(whole.usage)
  const texts = new Map<number, string>()
  const opened = events.flatMap((event) => (event.type === 'open' ? [event] : []))
  for (const event of events) {
    if (event.type === 'delta') texts.set(event.block, (texts.get(event.block) ?? '') + event.text)
  }
  return {
    blocks: opened.map(({ block: number, part }) => [
      part.type,
      part.type === 'tool-call' ? [part.id, part.name, JSON.parse(texts.get(number) ?? '')] : texts.get(number),
    ]),
    usage: usage && [inputTotal(usage), usage.cacheRead, cacheWriteTotal(usage), usage.output],
    stop: events.find((event) => event.type === 'finish')?.reason,
  }
}

describe.each(DIRECTIONS)('an answer from $upstream to $client and back', ({ client, upstream }) => {
  test('keeps texts, calls, ids, their order, the totals and the reason to stop', () => {
    const property = fc.property(answers, (answer) => {
      const source = streamOf(upstream, answer)
      const there = pour({ client, upstream, request: { stream: true } }, source)
      const back = pour({ client: upstream, upstream: client, request: { stream: true } }, there)
      expect(essenceOfAnswer(upstream, back)).toEqual(essenceOfAnswer(upstream, source))
    })
    fc.assert(property, { seed: SEED, numRuns: RUNS })
  })
})
