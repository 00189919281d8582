import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest, Effort, Tool } from '../model/chat-request.ts'
import type { Seal } from '../model/seal.ts'
import { adapt, parametersOf, requestOf, type AdaptInit, type Said } from '../testing/request-builder.ts'

const SEED = 20_261_123
const EFFORTS: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

const TARGETS: readonly AdaptInit[] = [
  { to: 'anthropic-messages', model: 'claude-opus-5' },
  { to: 'anthropic-messages', model: 'claude-fable-5' },
  { to: 'anthropic-messages', model: 'claude-opus-4-6' },
  { to: 'anthropic-messages', model: 'claude-sonnet-4-5' },
  { to: 'anthropic-messages', model: 'some-model' },
  { to: 'openai-chat', model: 'gpt-5.2' },
  { to: 'openai-chat', model: 'gpt-4o' },
  { to: 'openai-chat', model: 'some-model' },
  { to: 'openai-chat', model: 'deepseek-chat', profile: { id: 'deepseek' } },
  { to: 'openai-chat', model: 'mistral-large', profile: { id: 'mistral' } },
]

const text = fc.constantFrom('', ' ', 'hello', 'x-anthropic-billing-header: v=1', '世界')
const id = fc.constantFrom('a', 'b', 'c.d', 'c:d', '', 'call_'.repeat(20))
const name = fc.constantFrom('look', 'my tool.v1/x', 'n'.repeat(90))
const mark = fc.constantFrom(undefined, { path: '/mark' }, { path: '/mark', ttl: '1h' }, { path: '/mark', ttl: '12h' })
const seal = fc.constantFrom<Seal | undefined>(
  undefined,
  { kind: 'anthropic-signature', format: 'anthropic-messages', value: 'S' },
  { kind: 'openai-reasoning', format: 'openai-responses', value: 'R', issuer: 'i' },
)

const textPart = fc
  .record({ type: fc.constant('text' as const), text, cacheMark: mark })
  .map(({ cacheMark, ...part }) => (cacheMark === undefined ? part : { ...part, cacheMark }))
const imagePart = fc.constant({
  type: 'image',
  source: { type: 'base64', data: 'iVBORw0KGgo=', mediaType: 'image/jpg' },
} as const)
const documentPart = fc.constantFrom(
  { type: 'document', source: { type: 'base64', data: 'JVBERi0=', mediaType: 'application/pdf' }, title: 'T' } as const,
  {
    type: 'document',
    source: { type: 'text', text: 'words' },
    title: 'T',
    context: 'C',
    wantsCitations: true,
  } as const,
  { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } } as const,
)
const callPart = fc.record({
  type: fc.constant('tool-call' as const),
  id,
  name,
  arguments: fc.constantFrom('{}', 'raw text'),
  form: fc.constantFrom('json' as const, 'free' as const),
})
const resultPart = fc.record({
  type: fc.constant('tool-result' as const),
  callId: id,
  form: fc.constant('json' as const),
  parts: fc.array(
    fc.oneof(textPart, imagePart, documentPart).map((part) => ({ ...part, path: '/inner' })),
    { maxLength: 3 },
  ),
})
const reasoningPart = fc
  .record({ type: fc.constant('reasoning' as const), text, kind: fc.constant('summary' as const), seal })
  .map(({ seal: proof, ...part }) => (proof === undefined ? part : { ...part, seal: proof }))

const turn: fc.Arbitrary<Said> = fc.oneof(
  fc.tuple(
    fc.constant('user' as const),
    fc.array(fc.oneof(textPart, imagePart, documentPart, resultPart), { maxLength: 4 }),
  ),
  fc.tuple(
    fc.constant('assistant' as const),
    fc.array(fc.oneof(textPart, reasoningPart, callPart, imagePart), { maxLength: 4 }),
  ),
  fc.tuple(fc.constant('operator' as const), fc.array(textPart, { maxLength: 2 })),
)

const tools: fc.Arbitrary<readonly Tool[]> = fc.uniqueArray(
  fc.oneof(
    fc.record({
      type: fc.constant('function' as const),
      name,
      strict: fc.boolean(),
      parameters: fc.constantFrom(
        {},
        { anyOf: [{ properties: { a: {} } }] },
        { type: 'object', properties: { a: { type: 'string' } } },
      ),
      path: fc.constant('/tools/0'),
    }),
    fc.record({
      type: fc.constant('custom' as const),
      name,
      grammar: fc.constant({ syntax: 'lark', definition: 'start: "a"' }),
      path: fc.constant('/tools/1'),
    }),
    fc.constant({
      type: 'server',
      format: 'anthropic-messages',
      kind: 'web-search',
      name: 'web_search',
      raw: { type: 'web_search_20250305', max_uses: 8 },
      path: '/tools/2',
    } as const),
  ),
  { maxLength: 3, selector: (tool) => tool.name },
)

const parameters = fc
  .record(
    {
      maxOutputTokens: fc.integer({ min: 1, max: 200_000 }),
      stop: fc.array(fc.constantFrom('a', ' ', ''), { maxLength: 6 }),
      temperature: fc.double({ min: 0, max: 2, noNaN: true }),
      topP: fc.double({ min: 0, max: 1, noNaN: true }),
      topK: fc.integer({ min: 1, max: 100 }),
      reasoning: fc.oneof(
        fc.record({ mode: fc.constant('on' as const), effort: fc.constantFrom(...EFFORTS) }),
        fc.record({
          mode: fc.constant('on' as const),
          style: fc.constant('budget' as const),
          budgetTokens: fc.integer({ min: 0, max: 200_000 }),
        }),
        fc.constant({ mode: 'off' as const }),
      ),
      toolChoice: fc.constantFrom(
        { type: 'required' } as const,
        { type: 'tool', name: 'look' } as const,
        { type: 'none' } as const,
      ),
      parallelToolCalls: fc.boolean(),
      outputFormat: fc.constantFrom(
        { type: 'json-object' } as const,
        { type: 'json-schema', schema: { type: 'object', properties: { n: { type: 'number', minimum: 1 } } } } as const,
      ),
      userId: fc.constant('someone'),
      serviceTier: fc.constantFrom('auto', 'default', 'flex', 'standard_only'),
    },
    { requiredKeys: [] },
  )
  .map(parametersOf)

const requests: fc.Arbitrary<ChatRequest> = fc
  .record({
    format: fc.constantFrom('openai-chat' as const, 'anthropic-messages' as const),
    said: fc.array(turn, { minLength: 1, maxLength: 8 }),
    tools,
    parameters,
    stream: fc.boolean(),
  })
  .map(({ format, said, ...more }) => requestOf(format, said, more))

/** A request without any content is refused, which is right; everything else must pass. */
function tryAdapt(request: ChatRequest, init: AdaptInit): ReturnType<typeof adapt> | undefined {
  try {
    return adapt(request, init)
  } catch (error) {
    if (ConversionError.is(error) && error.message.includes('no message with content')) return undefined
    throw error
  }
}

describe.each(TARGETS)('any request for $to $model $profile.id', (init) => {
  const foreign = requests.filter((request) => request.format !== init.to)

  test('adapting twice is adapting once, and loses nothing more', () => {
    const property = fc.property(foreign, (request) => {
      const once = tryAdapt(request, init)
      if (once === undefined) return
      const twice = adapt(once.request, init)
      expect(twice.request).toEqual(once.request)
      // An answer begun by the client stays for Chat, and Chat models still do not continue it.
      const again = twice.losses.filter(
        (loss) => loss.code !== 'prefill_unsupported' && (loss.level === 'degraded' || loss.level === 'lossy'),
      )
      expect(again).toEqual([])
    })
    fc.assert(property, { seed: SEED, numRuns: 300 })
  })

  test('every result stands directly behind its call, once, under a legal and unique id', () => {
    const property = fc.property(foreign, (request) => {
      const adapted = tryAdapt(request, init)
      if (adapted === undefined) return
      const { turns } = adapted.request
      const seen = new Set<string>()
      turns.forEach((current, index) => {
        const ids = current.parts.filter((part) => part.type === 'tool-call').map((part) => part.id)
        for (const callId of ids) {
          expect(seen.has(callId)).toBe(false)
          expect(callId).toMatch(init.to === 'anthropic-messages' ? /^[a-zA-Z0-9_-]{1,256}$/ : /^.{1,64}$/)
          seen.add(callId)
        }
        const next = turns[index + 1]?.parts ?? []
        expect(
          next.slice(0, ids.length).map((part) => (part.type === 'tool-result' ? part.callId : part.type)),
        ).toEqual(ids)
        const results = current.parts.filter((part) => part.type === 'tool-result').length
        const before = turns[index - 1]?.parts.filter((part) => part.type === 'tool-call').length ?? 0
        expect(results).toBe(results === 0 ? 0 : before)
      })
    })
    fc.assert(property, { seed: SEED, numRuns: 300 })
  })

  test('turns alternate, and nothing is left without content', () => {
    const property = fc.property(foreign, (request) => {
      const adapted = tryAdapt(request, init)
      if (adapted === undefined) return
      const { turns } = adapted.request
      expect(turns.filter((current) => current.parts.length === 0)).toEqual([])
      const spoken = turns.filter((current) => current.role !== 'operator').map((current) => current.role)
      if (init.to !== 'anthropic-messages') return
      expect(spoken).toEqual(spoken.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')))
      const blank = turns
        .flatMap((current) => current.parts)
        .filter((part) => part.type === 'text' && part.text.trim() === '')
      expect(blank).toEqual([])
    })
    fc.assert(property, { seed: SEED, numRuns: 300 })
  })
})
