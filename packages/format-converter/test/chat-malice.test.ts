import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ConversionError, createConverter, type JsonObject, type JsonValue } from '../src/index.ts'
import type { AnswerEvent } from '../src/model/answer-event.ts'
import { openaiChat } from '../src/openai-chat/index.ts'
import { chatProfile, decodeChunks, decodeWhole } from '../src/testing/chat-judge.ts'

const SEED = 20_261_123

/** Anything where something else is expected. */
const odd: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>(
    null,
    '',
    'x',
    '{}',
    0,
    -1,
    1.5,
    true,
    [],
    {},
    [null],
    [[]],
    { content: {} },
    '<think>',
    '\ud83d',
  ),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
)

const hostile = (shape: Record<string, fc.Arbitrary<JsonValue>>): fc.Arbitrary<JsonObject> =>
  fc.record(
    Object.fromEntries(
      Object.entries(shape).map(([name, value]) => [name, fc.oneof({ weight: 3, arbitrary: value }, odd)]),
    ),
    { requiredKeys: [] },
  )

const words = fc.constantFrom('a', 'b', ' ', '\n', '{"x":', '1}', '{}', '<think>', '</think>')
const entry = hostile({
  index: fc.constantFrom(0, 1, 2, 7),
  id: fc.constantFrom('', 'call_a', 'call_b'),
  type: fc.constantFrom('function', 'custom'),
  function: hostile({ name: fc.constantFrom('', 'f', 'g'), arguments: words }),
  custom: hostile({ name: fc.constantFrom('p'), input: words }),
})
const detail = hostile({
  type: fc.constantFrom('reasoning.text', 'reasoning.encrypted'),
  text: words,
  data: words,
  signature: words,
  index: fc.constant(0),
})
const delta = hostile({
  role: fc.constantFrom('assistant', ''),
  content: words,
  reasoning_content: words,
  reasoning: words,
  refusal: words,
  tool_calls: fc.array(entry, { maxLength: 3 }),
  function_call: hostile({ name: words, arguments: words }),
  reasoning_details: fc.array(detail, { maxLength: 2 }),
  annotations: fc.array(odd, { maxLength: 2 }),
  audio: hostile({ transcript: words }),
  images: fc.array(odd, { maxLength: 1 }),
})
const choice = hostile({
  index: fc.constantFrom(0, 1),
  delta,
  finish_reason: fc.constantFrom('stop', 'tool_calls', '', 'error', 'odd'),
  logprobs: odd,
})
const chunk = hostile({
  id: fc.constant('c'),
  model: fc.constant('m'),
  choices: fc.array(choice, { maxLength: 2 }),
  usage: hostile({ prompt_tokens: fc.nat(9), completion_tokens: odd, prompt_tokens_details: odd }),
})

const habits = fc.record({
  thinkTags: fc.boolean(),
  repeatsArguments: fc.boolean(),
  nameFragments: fc.boolean(),
  lenientEnd: fc.boolean(),
})

/** What the order of events is judged by. */
interface Progress {
  readonly open: Set<number>
  blocks: number
  hasStarted: boolean
}

/** What of the order of events is broken; `undefined` when nothing is. */
function brokenRule(events: readonly AnswerEvent[]): string | undefined {
  const progress: Progress = { open: new Set(), blocks: 0, hasStarted: false }
  const last = events.at(-1)
  if (last?.type !== 'end' && last?.type !== 'failure') return 'neither an end nor a failure is last'
  for (const event of events.slice(0, -1)) {
    const broken = brokenStep(event, progress)
    if (broken !== undefined) return broken
  }
  return last.type === 'end' && progress.open.size > 0 ? 'an end with an open block' : undefined
}

function brokenStep(event: AnswerEvent, progress: Progress): string | undefined {
  if (event.type === 'start') progress.hasStarted = true
  if (event.type === 'end' || event.type === 'failure') return `something follows the ${event.type}`
  if (!progress.hasStarted) return `${event.type} before the start`
  if (event.type === 'open') return brokenOpen(event.block, progress)
  return 'block' in event ? brokenBlock(event, progress) : undefined
}

function brokenBlock(event: AnswerEvent & { readonly block: number }, { open }: Progress): string | undefined {
  if (!open.has(event.block)) return `${event.type} for a block that is not open`
  if (event.type === 'close') open.delete(event.block)
  return event.type === 'delta' && event.text === '' ? 'an empty delta' : undefined
}

function brokenOpen(block: number, progress: Progress): string | undefined {
  if (block !== progress.blocks) return 'a block number is not the next one'
  progress.blocks += 1
  progress.open.add(block)
  return undefined
}

const namelessCall = (index: number): string =>
  `data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":${index},"function":{"arguments":"x"}}]}}]}\n\n`

describe('hostile Chat input', () => {
  it('never breaks the order of events, whatever the chunks hold', () => {
    const property = fc.property(fc.array(chunk, { maxLength: 8 }), habits, fc.boolean(), (chunks, dialect, isDone) => {
      const { events } = decodeChunks(chunks, { profile: chatProfile({ dialect }), ending: isDone ? 'done' : 'closed' })
      expect(brokenRule(events)).toBeUndefined()
    })
    fc.assert(property, { seed: SEED, numRuns: 3000 })
  })

  it('as a whole answer is events or a ConversionError', () => {
    const body = hostile({
      choices: fc.array(hostile({ message: delta, finish_reason: odd }), { maxLength: 2 }),
      usage: odd,
      error: odd,
    })
    const property = fc.property(body, habits, (answer, dialect) => {
      const outcome = attempt(() => brokenRule(decodeWhole(answer, { profile: chatProfile({ dialect }) }).events))
      expect(outcome === undefined || ConversionError.is(outcome)).toBe(true)
    })
    fc.assert(property, { seed: SEED, numRuns: 2000 })
  })

  it('as a request is a request or a ConversionError', () => {
    const part = hostile({
      type: fc.constantFrom('text', 'image_url', 'file', 'input_audio', 'refusal', 'odd'),
      text: words,
      image_url: hostile({ url: words }),
      file: odd,
      refusal: words,
    })
    const message = hostile({
      role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'function'),
      content: fc.oneof(words, fc.array(part)),
      tool_calls: fc.array(entry, { maxLength: 2 }),
      tool_call_id: words,
      name: words,
      reasoning_details: fc.array(detail),
    })
    const request = hostile({
      model: fc.constant('m'),
      messages: fc.array(message, { maxLength: 4 }),
      tools: fc.array(odd),
      tool_choice: odd,
      stop: odd,
      response_format: odd,
      reasoning: odd,
      extra_body: odd,
      stream_options: odd,
    })
    const property = fc.property(request, (body) => {
      const outcome = attempt(() => openaiChat.decodeRequest(body, { report: () => undefined }).format)
      expect(outcome === 'openai-chat' || ConversionError.is(outcome)).toBe(true)
    })
    fc.assert(property, { seed: SEED, numRuns: 3000 })
  })

  it('of a million call deltas stays bounded', () => {
    const stream = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' })
      .exchange({ model: 'm', max_tokens: 1, stream: true, messages: [{ role: 'user', content: 'x' }] })
      .stream()
    let calls = 0
    for (; calls < 1_000_000 && stream.state !== 'failed'; calls++)
      stream.push(new TextEncoder().encode(namelessCall(calls)))
    expect(stream.error).toMatchObject({ kind: 'overflow' })
    expect(calls).toBeLessThan(1000)
  })

  it('deeply nested JSON inside a message does no harm', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const body = `{"model":"m","messages":[{"role":"user","content":[{"type":"odd","raw":${deep}}]}]}`
    const outcome = attempt(() => openaiChat.decodeRequest(JSON.parse(body), { report: () => undefined }).format)
    expect(outcome).toBe('openai-chat')
  })

  it('with the names of prototype members is carried as data', () => {
    const args = '{"__proto__":{"polluted":1},"constructor":2}'
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_a', function: { name: '__proto__', arguments: args } }],
    }
    const { events } = decodeWhole({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] })
    expect(events[1]).toMatchObject({ part: { name: '__proto__' } })
    expect(events[2]).toMatchObject({ text: args })
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

function attempt(step: () => unknown): unknown {
  try {
    return step()
  } catch (error) {
    return error
  }
}
