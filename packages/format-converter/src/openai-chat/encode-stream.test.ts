import { describe, expect, it } from 'vitest'

import { createAnswerFold } from '../convert/fold-answer.ts'
import type { AnswerEvent, OpenPart } from '../model/answer-event.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import { chatEncodingContext, encodeChunks, judgeChatStream, readChunks } from '../testing/chat-judge.ts'
import type { Loose } from '../testing/loose.ts'
import { unwrapSeal } from '../wire/seal-envelope.ts'
import { encodeAnswer } from './encode-answer.ts'
import { createStreamEncoder } from './encode-stream.ts'

const start: AnswerEvent = { type: 'start', id: 'msg_1', model: 'upstream-model' }
const end: AnswerEvent[] = [{ type: 'finish', reason: 'stop' }, { type: 'end' }]

const open = (block: number, part: OpenPart): AnswerEvent => ({ type: 'open', block, part })
const delta = (block: number, text: string): AnswerEvent => ({ type: 'delta', block, text })
const close = (block: number): AnswerEvent => ({ type: 'close', block })

const text = (block: number, ...pieces: string[]): AnswerEvent[] => [
  open(block, { type: 'text' }),
  ...pieces.map((piece) => delta(block, piece)),
  close(block),
]
const reasoning = (block: number, ...pieces: string[]): AnswerEvent[] => [
  open(block, { type: 'reasoning', kind: 'full' }),
  ...pieces.map((piece) => delta(block, piece)),
  close(block),
]
const call = (block: number, id: string, ...pieces: string[]): AnswerEvent[] => [
  open(block, { type: 'tool-call', id, name: `tool_${id}`, form: 'json' }),
  ...pieces.map((piece) => delta(block, piece)),
  close(block),
]

const deltasOf = (sse: string): Loose[] => readChunks(sse).flatMap((chunk) => chunk.choices?.[0]?.delta ?? [])

/** The whole answer that the same events make, compared with what the SDK folds out of the stream. */
async function expectSameAsWhole(events: readonly AnswerEvent[]): Promise<Loose> {
  const fold = createAnswerFold()
  for (const event of events) fold.push(event)
  const answer = fold.result()
  const whole: Loose = encodeAnswer(answer, chatEncodingContext())
  const folded: Loose = await judgeChatStream(encodeChunks(events, { wantsStreamUsage: answer.usage !== undefined }))
  for (const { choices } of [whole, folded]) {
    // The SDK keeps only the last piece of members that it does not know.
    for (const name of ['reasoning_content', 'reasoning_details', 'annotations']) delete choices[0].message[name]
    delete choices[0].message.parsed
    for (const made of choices[0].message.tool_calls ?? []) delete made.function?.parsed_arguments
  }
  expect(JSON.parse(JSON.stringify(folded))).toEqual(JSON.parse(JSON.stringify({ ...whole, object: folded.object })))
  return folded
}

const choice = (value: unknown, reason: string | null = null): unknown => ({
  index: 0,
  delta: value,
  logprobs: null,
  finish_reason: reason,
})

const seal = (block: number, value: string): AnswerEvent => ({
  type: 'seal',
  block,
  seal: { kind: 'anthropic-redacted', format: 'anthropic-messages', value },
})

describe('encoding a Chat stream', () => {
  it('ends with stop where nobody said why the answer ended', async () => {
    const { choices } = await judgeChatStream(encodeChunks([start, ...text(0, 'Hi'), { type: 'end' }]))
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Hi', refusal: null } })
  })

  it('writes role, text, finish, usage and [DONE] in chunks of one id, model and time', () => {
    const usage: AnswerEvent = { type: 'usage', usage: { inputUncached: 3, output: 2 } }
    const chunks = readChunks(encodeChunks([start, ...text(0, 'Hé', '"llo"\n'), usage, ...end]))
    const head = {
      id: 'chatcmpl-answer',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: 'requested-model',
    }
    expect(chunks).toEqual([
      { ...head, choices: [choice({ role: 'assistant', content: '', refusal: null })], usage: null },
      { ...head, choices: [choice({ content: 'Hé' })], usage: null },
      { ...head, choices: [choice({ content: '"llo"\n' })], usage: null },
      { ...head, choices: [choice({}, 'stop')], usage: null },
      {
        ...head,
        choices: [],
        usage: {
          prompt_tokens: 3,
          completion_tokens: 2,
          total_tokens: 5,
          prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 0,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
          },
        },
      },
      '[DONE]',
    ])
  })

  it('writes nothing of usage when the client did not ask for it', () => {
    const sse = encodeChunks([start, ...text(0, 'x'), { type: 'usage', usage: { output: 2 } }, ...end], {
      wantsStreamUsage: false,
    })
    expect(sse).not.toContain('usage')
  })

  it('follows the golden transcript A.3: sealed thinking, text, a call without input', () => {
    const sse = encodeChunks([
      start,
      { type: 'usage', usage: { inputUncached: 12, cacheRead: 9000, cacheWrite5m: 800, output: 1 } },
      open(0, { type: 'reasoning', kind: 'full' }),
      { type: 'seal', block: 0, seal: { kind: 'anthropic-signature', format: 'anthropic-messages', value: 'S' } },
      close(0),
      ...text(1, 'Hi'),
      ...call(2, 'toolu_1'),
      { type: 'usage', usage: { output: 30 } },
      { type: 'finish', reason: 'tool' },
      { type: 'end' },
    ])
    const [role, content, opened, filled, collected, finish] = deltasOf(sse)
    expect(role).toEqual({ role: 'assistant', content: '', refusal: null })
    expect(content).toEqual({ content: 'Hi' })
    expect(opened).toEqual({
      tool_calls: [{ index: 0, id: 'toolu_1', type: 'function', function: { name: 'tool_toolu_1', arguments: '' } }],
    })
    expect(filled).toEqual({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] })
    const [detail] = collected.reasoning_details
    expect(detail).toMatchObject({ type: 'reasoning.encrypted', format: 'relay-v1', index: 0 })
    expect(unwrapSeal(detail.data)).toMatchObject({ kind: 'anthropic-signature', value: 'S' })
    expect(finish).toEqual({})
    const chunks = readChunks(sse)
    expect(chunks.at(-3).choices[0].finish_reason).toBe('tool_calls')
    expect(chunks.at(-2).usage).toMatchObject({
      prompt_tokens: 9812,
      completion_tokens: 30,
      total_tokens: 9842,
      prompt_tokens_details: { cached_tokens: 9000, cache_write_tokens: 800, audio_tokens: 0 },
    })
  })

  it('counts calls from 0 whatever blocks stand before them, and lets their pieces interleave', async () => {
    const events = [
      start,
      ...reasoning(0, 'why'),
      ...text(1, 'Checking.'),
      open(2, { type: 'tool-call', id: 'a', name: 'f', form: 'json' }),
      open(3, { type: 'tool-call', id: 'b', name: 'g', form: 'json' }),
      delta(2, '{"x"'),
      delta(3, '{"y"'),
      delta(2, ':1}'),
      delta(3, ':2}'),
      close(2),
      close(3),
      { type: 'finish', reason: 'tool' } as const,
      { type: 'end' } as const,
    ]
    const folded = await expectSameAsWhole(events)
    expect(folded.choices[0].message.tool_calls.map((made: Loose) => made.function.arguments)).toEqual([
      '{"x":1}',
      '{"y":2}',
    ])
  })

  it.for<[name: string, events: AnswerEvent[], content: string | null]>([
    ['no block at all', [], ''],
    ['only calls', call(0, 'a', '{}'), null],
    ['only reasoning', reasoning(0, 'why'), null],
    ['only a refusal', [open(0, { type: 'refusal' }), delta(0, 'No.'), close(0)], null],
    ['two texts side by side', [...text(0, 'a'), ...text(1, 'b')], 'ab'],
    ['two texts around a call', [...text(0, 'a'), ...call(1, 'x', '{}'), ...text(2, 'b')], 'a\n\nb'],
    [
      'two texts around an unseen block',
      [...text(0, 'a'), open(1, { type: 'compaction' }), close(1), ...text(2, 'b')],
      'a\n\nb',
    ],
    ['an empty text', text(0), ''],
    [
      'a custom call',
      [open(0, { type: 'tool-call', id: 'c', name: 'patch', form: 'free' }), delta(0, '*** Begin'), close(0)],
      null,
    ],
  ])('folds in the SDK to the whole answer: %s', async ([, events, content]) => {
    const folded = await expectSameAsWhole([start, ...events, ...end])
    expect(folded.choices[0].message.content).toBe(content)
  })

  it('shows a wordless refusal as refusal text', async () => {
    const events: AnswerEvent[] = [
      start,
      { type: 'finish', reason: 'refusal', details: { explanation: 'Not this.' } },
      { type: 'end' },
    ]
    const folded = await expectSameAsWhole(events)
    expect(folded.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: null, refusal: 'Not this.' },
    })
  })

  it('ends a spoken refusal with stop', async () => {
    const events: AnswerEvent[] = [
      start,
      open(0, { type: 'refusal' }),
      delta(0, 'No.'),
      close(0),
      { type: 'finish', reason: 'refusal' },
      { type: 'end' },
    ]
    expect((await expectSameAsWhole(events)).choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { refusal: 'No.' },
    })
  })

  it('puts reasoning where the option says, and nowhere when it is not to be shown', () => {
    const events = [start, ...reasoning(0, 'a', 'b'), ...reasoning(1, 'c'), ...text(2, 'x'), ...end]
    const field = (choice: 'reasoning_content' | 'reasoning' | 'both' | 'none', shows = true): Loose[] =>
      deltasOf(
        encodeChunks(events, { showsReasoning: shows, options: { ...DEFAULT_OPTIONS, reasoningField: choice } }),
      ).slice(1, -2)
    expect(field('reasoning_content')).toEqual([
      { reasoning_content: 'a' },
      { reasoning_content: 'b' },
      { reasoning_content: '\n\nc' },
    ])
    expect(field('reasoning')[0]).toEqual({ reasoning: 'a' })
    expect(field('both')[0]).toEqual({ reasoning_content: 'a', reasoning: 'a' })
    expect(field('none')).toEqual([])
    expect(field('reasoning_content', false)).toEqual([])
  })

  it('separates the sections of a reasoning block by a blank line', () => {
    const events: AnswerEvent[] = [
      start,
      open(0, { type: 'reasoning', kind: 'summary' }),
      delta(0, 'a'),
      { type: 'boundary', block: 0 },
      delta(0, 'b'),
      close(0),
      ...end,
    ]
    const pieces = deltasOf(encodeChunks(events)).map((piece) => piece.reasoning_content ?? '')
    expect(pieces.join('')).toBe('a\n\nb')
  })

  it('sends all proofs and annotations in one chunk before the finish', () => {
    const cite: AnswerEvent = {
      type: 'citation',
      block: 2,
      citation: { url: 'https://a.example', title: 'A', format: 'anthropic-messages', raw: {} },
    }
    const plain: AnswerEvent = {
      type: 'citation',
      block: 2,
      citation: { citedText: 'page 3', format: 'anthropic-messages', raw: {} },
    }
    const losses: LossReport[] = []
    const encoder = createStreamEncoder(chatEncodingContext(losses))
    const events: AnswerEvent[] = [
      start,
      open(0, { type: 'reasoning', kind: 'full', isRedacted: true }),
      seal(0, 'one'),
      close(0),
      ...text(1, '😀'),
      ...call(3, 'x', '{}'),
      open(2, { type: 'text' }),
      delta(2, 'né'),
      cite,
      plain,
      close(2),
      open(4, { type: 'reasoning', kind: 'full', isRedacted: true }),
      seal(4, 'two'),
      close(4),
      ...end,
    ]
    const deltas = deltasOf(events.map((event) => encoder.write(event)).join(''))
    expect(
      deltas.filter((piece) => piece.reasoning_details !== undefined || piece.annotations !== undefined),
    ).toHaveLength(1)
    const collected = deltas.at(-2)
    expect(collected.reasoning_details.map((detail: Loose) => unwrapSeal(detail.data)?.value)).toEqual(['one', 'two'])
    expect(collected.annotations).toEqual([
      { type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A', start_index: 3, end_index: 5 } },
    ])
    expect(losses.map((loss) => loss.code)).toEqual(['citation_dropped'])
  })

  it('answers a legacy request with function_call', async () => {
    const sse = encodeChunks([start, ...call(0, 'a', '{"x":1}'), { type: 'finish', reason: 'tool' }, { type: 'end' }], {
      usesLegacyFunctions: true,
    })
    const folded = await judgeChatStream(sse)
    expect(folded.choices[0]).toMatchObject({
      finish_reason: 'function_call',
      message: { content: null, function_call: { name: 'tool_a', arguments: '{"x":1}' } },
    })
  })

  it('says which blocks have no place in a Chat answer', () => {
    const losses: LossReport[] = []
    const encoder = createStreamEncoder(chatEncodingContext(losses))
    encoder.write(open(0, { type: 'server-tool', format: 'anthropic-messages', raw: {} }))
    encoder.write(open(1, { type: 'opaque', format: 'anthropic-messages', kind: 'new_block', raw: {} }))
    expect(losses.map((loss) => [loss.code, loss.level])).toEqual([
      ['server_tool_dropped', 'lossy'],
      ['unknown_field', 'lossy'],
    ])
  })

  it('ends a failure with one error event, without finish and without [DONE]', async () => {
    const sse = encodeChunks([
      start,
      ...text(0, 'x'),
      { type: 'failure', failure: { kind: 'overloaded', message: 'busy' } },
    ])
    expect(readChunks(sse).at(-1)).toEqual({
      error: { message: 'busy', type: 'server_error', param: null, code: 'server_is_overloaded' },
    })
    await expect(judgeChatStream(sse)).rejects.toThrow('busy')
  })

  it('opens with the role chunk, once', () => {
    const encoder = createStreamEncoder(chatEncodingContext())
    expect(readChunks(encoder.open())[0].choices[0].delta.role).toBe('assistant')
    expect(encoder.open()).toBe('')
    expect(encoder.write(open(0, { type: 'text' })) + encoder.write(delta(0, 'x'))).not.toContain('role')
    expect(encoder.ping()).toBe(': keep-alive\n\n')
  })

  it('keeps log probabilities', async () => {
    const logprobs = [{ token: 'x', logprob: -1, bytes: null, top_logprobs: [] }]
    const events: AnswerEvent[] = [
      start,
      open(0, { type: 'text' }),
      { type: 'delta', block: 0, text: 'x', logprobs },
      close(0),
      ...end,
    ]
    expect((await expectSameAsWhole(events)).choices[0].logprobs.content).toEqual(logprobs)
  })
})
