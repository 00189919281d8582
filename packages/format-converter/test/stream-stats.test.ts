import { describe, expect, it, test } from 'vitest'

import { pieceWeight } from '../src/count/estimate-tokens.ts'
import {
  createConverter,
  type ConverterOptions,
  type Exchange,
  type FormatName,
  type JsonObject,
} from '../src/index.ts'
import { compileRules, type CompiledRules } from '../src/rules/index.ts'
import { readSse } from '../src/testing/messages-judge.ts'
import { chatSse, chunk, messagesSse, wire } from './catalogue/harness.ts'

const NOW = 1_700_000_000_000
const FORMATS: readonly FormatName[] = ['anthropic-messages', 'openai-chat', 'openai-responses']
const CHAT = chatSse(
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Hello' }),
  chunk({ content: ' you' }),
  chunk({}, 'stop'),
)
const MESSAGES = messagesSse(wire.start(), ...wire.text(0, 'Hello'), ...wire.stop('end_turn'))

function open(client: FormatName, upstream: FormatName, more: Partial<ConverterOptions> = {}): Exchange {
  const converter = createConverter({ client, upstream, now: () => NOW, ids: () => 'a'.repeat(24), ...more })
  const turn = { role: 'user', content: 'x' } as const
  return converter.exchange({
    model: 'm',
    stream: true,
    ...(client === 'openai-responses' ? { input: 'x' } : { messages: [turn] }),
    ...(client === 'anthropic-messages' && { max_tokens: 9 }),
    ...(client === 'openai-chat' && { stream_options: { include_usage: true } }),
  })
}

function compile(rules: readonly unknown[]): CompiledRules {
  const compiled = compileRules({ version: 1, rules })
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors))
  return compiled.rules
}

function call(index: number, text: string): string {
  const entry = { index, id: `call_${index}`, function: { name: 'f', arguments: text } }
  return `data: ${JSON.stringify(chunk({ tool_calls: [entry] }))}\n\n`
}

describe('figures of a stream', () => {
  test.for(FORMATS)('the counts of the upstream are among them, for a client of %s', async (client) => {
    const counted = { id: 'c', choices: [], usage: { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 } }
    const stream = open(client, 'openai-chat').transform()
    const upstream = new Response(chatSse(chunk({ content: 'Hi' }), chunk({}, 'stop'), counted))
    await new Response(upstream.body?.pipeThrough(stream)).text()
    expect(stream.stats.usage).toMatchObject({ inputUncached: 5, output: 6 })
  })

  test.for(FORMATS)('events for a client of %s are counted one by one', (client) => {
    const stream = open(client, 'openai-chat').byteStream()
    const utf8 = new TextDecoder()
    const read = (part: string | Uint8Array): string => (typeof part === 'string' ? part : utf8.decode(part))
    // a packet an event, so that neither path sees them all at once
    const pieces = CHAT.split(/(?<=\n\n)/).map((event) => read(stream.push(event)))
    const text = pieces.join('') + read(stream.end())
    expect(stream.stats.eventsOut).toBe(readSse(text).length)
    expect(stream.stats.eventsIn).toBe(readSse(CHAT).length)
  })

  test.for(['openai-chat', 'anthropic-messages', 'openai-responses'] as const)(
    'a client of %s that left gets no more bytes, and what it used is known',
    (client) => {
      const stream = open(client, 'anthropic-messages').byteStream()
      stream.push(messagesSse(wire.start(), ...wire.text(0, 'Hello')))
      expect(stream.fail({ kind: 'client_abort', message: 'the client left' })).toHaveLength(0)
      expect(stream).toMatchObject({ state: 'failed', error: { kind: 'client_abort' }, usage: { inputUncached: 10 } })
    },
  )

  it('counts the error event of a stream that breaks, but no comment', () => {
    const stream = open('openai-chat', 'anthropic-messages').stream()
    const [start = '', ...rest] = MESSAGES.split(/(?<=\n\n)/)
    const ping = 'event: ping\ndata: {"type":"ping"}\n\n'
    const text =
      stream.push(start + rest.slice(0, 2).join('') + ping) + stream.fail({ kind: 'timeout', message: 'slow' })
    expect(text).toContain('\n\n:')
    expect(stream.stats.eventsOut).toBe(readSse(text).length)
  })

  test.for([
    ['openai-chat', 'openai-chat'],
    ['anthropic-messages', 'openai-chat'],
  ] as const)('%s ← %s: the first piece of content has its time', ([client, upstream]) => {
    let now = NOW
    const stream = open(client, upstream, { now: () => now }).byteStream()
    const [role = '', hello = '', more = ''] = CHAT.split(/(?<=\n\n)/)
    stream.push(role)
    expect(stream.stats.firstDeltaAt).toBeUndefined()
    now += 70
    stream.push(hello)
    now += 70
    stream.push(more)
    expect(stream.stats.firstDeltaAt).toBe(NOW + 70)
  })

  it('knows its time only with a clock, and asks it twice a packet', () => {
    let readings = 0
    const clock = (): number => (readings += 0.25)
    const stream = open('anthropic-messages', 'openai-chat', { clock }).stream()
    stream.push(CHAT)
    stream.end()
    expect(stream.stats.convertNs).toBe(500_000)
    expect(open('anthropic-messages', 'openai-chat').stream().stats.convertNs).toBeUndefined()
  })

  test.for(FORMATS)('an event of %s in two packets waits between them', (client) => {
    const stream = open(client, 'openai-chat').byteStream()
    const [role = '', hello = ''] = CHAT.split(/(?<=\n\n)/)
    stream.push(role + hello)
    const before = stream.stats.bufferedPeak
    stream.push(`data: {"id":"${'x'.repeat(5000)}`)
    expect(stream.stats.bufferedPeak).toBeGreaterThanOrEqual(Math.max(before, 5000))
    expect(before).toBeLessThan(1000)
  })

  it('counts the arguments that wait for their turn', () => {
    const stream = open('anthropic-messages', 'openai-chat').stream()
    stream.push(call(0, '{"q":') + call(1, `{"q":"${'y'.repeat(3000)}"}`))
    expect(stream.stats.bufferedPeak).toBeGreaterThanOrEqual(3000)
  })

  it('counts the text that a Responses client gets once more at the end', () => {
    const stream = open('openai-responses', 'openai-chat').stream()
    stream.push(chatSse(chunk({ content: 'z'.repeat(2000) }), chunk({}, 'stop')))
    stream.end()
    expect(stream.stats.bufferedPeak).toBeGreaterThanOrEqual(2000)
  })
})

describe('what a model has said', () => {
  const said = [
    'Prose of a few words, 42 of them. ',
    'Sie \u00fcbt "leise"\n',
    '\u4e2d\u6587\u5b57\ud83d\ude00',
    '{"path":"a\\\\b"}',
  ]
  const [thought = '', first = '', second = '', input = ''] = said
  const weight = said.reduce((sum, text) => sum + pieceWeight(text), 0)
  const chat = chatSse(
    chunk({ role: 'assistant', content: '' }),
    chunk({ reasoning_content: thought }),
    chunk({ content: first }),
    chunk({ content: second }),
    chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: input } }] }),
    chunk({}, 'tool_calls'),
  )
  const sources = Object.fromEntries(
    FORMATS.map((format) => {
      const stream = open(format, 'openai-chat', { options: { fixUpstreamStream: true } }).stream()
      return [format, stream.push(chat) + stream.end()]
    }),
  )
  const pairs = FORMATS.flatMap((client) => FORMATS.map((upstream) => ({ client, upstream })))
  const utf8 = new TextEncoder()

  test.for(pairs)('is known by its characters: $upstream for $client', ({ client, upstream }) => {
    const sse = sources[upstream] ?? ''
    const escaped = sse.replaceAll(/[^\n -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    const bytes = utf8.encode(sse)
    const cuts: readonly (readonly Uint8Array[])[] = [
      [bytes],
      sse.split(/(?<=\n\n)/).map((event) => utf8.encode(event)),
      Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
      [utf8.encode(escaped)],
    ]
    for (const pieces of cuts) {
      const stream = open(client, upstream).byteStream()
      for (const piece of pieces) stream.push(piece)
      expect(stream.stats.tokensSaid).toBeCloseTo(weight, 6)
    }
  })
})

describe('what a Chat model has said in another place', () => {
  const words = Array.from({ length: 30 }, (_, at) => `word number ${at} `)
  const weight = words.reduce((sum, text) => sum + pieceWeight(text), 0)

  test.for<[string, (text: string) => JsonObject]>([
    ['the text of the older endpoint', (text) => ({ choices: [{ index: 0, text }] })],
    ['the place of a message', (text) => ({ choices: [{ index: 0, delta: text }] })],
    ['a part', (text) => chunk({ content: [{ type: 'text', text }] })],
    ['a part that is reasoning', (text) => chunk({ content: [{ type: 'thinking', thinking: text }] })],
    ['thinking', (text) => chunk({ thinking: text })],
    [
      'reasoning with its details',
      (text) => chunk({ reasoning: text, reasoning_details: [{ type: 'reasoning.text', text, index: 0 }] }),
    ],
    [
      'a call of a tool of the client’s own',
      (text) => chunk({ tool_calls: [{ index: 0, id: 'c', type: 'custom', custom: { name: 'f', input: text } }] }),
    ],
  ])('is known where it passes as well: %s', ([, event]) => {
    const sse = chatSse(...words.map(event))
    for (const pieces of [[sse], sse.split(/(?<=\n\n)/)]) {
      const stream = open('openai-chat', 'openai-chat').byteStream()
      for (const piece of pieces) stream.push(piece)
      expect(stream.stats.tokensSaid).toBeCloseTo(weight, 6)
    }
  })
})

describe('figures of rules', () => {
  const rules = compile([
    { id: 'tier', phase: 'request.upstream', ops: [{ op: 'set', path: '/service_tier', value: 'flex' }] },
    { id: 'idle', phase: 'request.upstream', ops: [{ op: 'remove', path: '/nothing' }] },
    { id: 'constructor', phase: 'event', ops: [{ op: 'set', path: '/x', value: 1 }] },
  ])

  it('are counted for request and events together', () => {
    const exchange = open('anthropic-messages', 'openai-chat', { rules })
    expect([...exchange.ruleFigures]).toEqual([['tier', { applied: 1, ns: undefined }]])
    const stream = exchange.stream()
    const text = stream.push(CHAT) + stream.end()
    expect(stream.stats.rules.get('tier')).toEqual({ applied: 1, ns: undefined })
    expect(stream.stats.rules.get('constructor')?.applied).toBe(readSse(text).length)
    expect(exchange.transform().stats.rules.get('tier')?.applied).toBe(1)
  })

  it('have their times with a clock, and the rules that only looked have theirs', () => {
    let readings = 0
    const exchange = open('anthropic-messages', 'openai-chat', { rules, clock: () => (readings += 0.5) })
    expect(exchange.ruleFigures.get('tier')).toEqual({ applied: 1, ns: 500_000 })
    expect(exchange.ruleFigures.get('idle')).toEqual({ applied: 0, ns: 500_000 })
  })

  it('are none without rules', () => {
    expect(open('anthropic-messages', 'openai-chat', { clock: () => 0 }).stream().stats.rules.size).toBe(0)
  })
})
