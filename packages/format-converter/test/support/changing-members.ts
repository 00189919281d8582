import type { JsonObject } from '../../src/index.ts'
import type { Format } from './pairs.ts'

/** A stream's events up to one that adds a piece of text, that event, and what of it may change from one to the next. */
interface PieceCase {
  readonly before: readonly JsonObject[]
  /** With `@` for the piece. */
  readonly event: JsonObject
  /** By JSON Pointer: what a decoder reads, or might. */
  readonly members: Readonly<Record<string, readonly (string | number)[]>>
}

const chunk = (delta: JsonObject): JsonObject => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null }],
})
const chatCall = (index: number, body: JsonObject): JsonObject => chunk({ tool_calls: [{ index, ...body }] })

const CHUNK_MEMBERS = {
  '/id': ['c', 'd'],
  '/object': ['chat.completion.chunk', 'error', 'x'],
  '/created': [1, 2],
  '/error': ['', 'a', 'b'],
  '/usage': ['', 'a', 'b'],
  '/obfuscation': ['', 'a', 'b'],
  '/choices/0/index': [0, 1, 2],
  '/choices/0/finish_reason': ['', 'stop', 'length', 'error'],
  '/choices/0/logprobs': ['', 'a', 'b'],
  '/choices/0/text': ['', 'a', 'b'],
  '/choices/0/message': ['', 'a', 'b'],
  '/choices/0/mood': ['', 'a', 'b'],
  '/choices/0/delta/mood': ['', 'a', 'b'],
  '/choices/0/delta/role': ['', 'assistant', 'x'],
  '/choices/0/delta/content': ['', 'a', 'b'],
  '/choices/0/delta/reasoning': ['', 'a', 'b'],
  '/choices/0/delta/refusal': ['', 'a', 'b'],
}

const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1 } }
const block = (index: number | string, content_block: JsonObject): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block,
})
const toolUse = (id: string): JsonObject => ({ type: 'tool_use', id, name: 'f', input: {} })
const blockDelta = (index: number | string, delta: JsonObject): JsonObject => ({
  type: 'content_block_delta',
  index,
  delta,
})

const DELTA_MEMBERS = {
  '/type': ['content_block_delta', 'ping', 'x'],
  '/index': [0, 1, 2],
  '/error': ['', 'a', 'b'],
  '/delta/type': ['text_delta', 'thinking_delta', 'input_json_delta'],
  '/padding': ['', 'a', 'b'],
}

const RESPONSE = { id: 'resp_1', object: 'response', created_at: 1, status: 'in_progress', model: 'm', output: [] }
const added = (output_index: number, item: JsonObject): JsonObject => ({
  type: 'response.output_item.added',
  output_index,
  item,
})
const RESPONSE_BEGUN = [
  { type: 'response.created', response: RESPONSE },
  added(0, { id: 'i0', type: 'message', role: 'assistant', content: [] }),
  added(1, { type: 'message', role: 'assistant', content: [] }),
  ...[0, 1].map((content_index) => ({
    type: 'response.content_part.added',
    output_index: 0,
    content_index,
    part: { type: 'output_text', text: 'part' },
  })),
  added(2, { id: 'i2', type: 'function_call', call_id: 'call_2', name: 'f', arguments: '' }),
  added(3, { id: 'i3', type: 'function_call', call_id: 'call_3', name: 'f', arguments: '' }),
  added(4, { id: 'i4', type: 'reasoning', summary: [] }),
]
const ITEM_MEMBERS = {
  '/type': ['response.output_text.delta', 'response.refusal.delta', 'error', 'x'],
  '/sequence_number': [1, 2, 3],
  '/item_id': ['', 'i0', 'i2'],
  '/output_index': [0, 1, 2, 3, 4],
  '/content_index': [0, 1, 2],
  '/summary_index': [0, 1, 2],
  '/logprobs': ['', 'a', 'b'],
  '/error': ['', 'a', 'b'],
}
const itemDelta = (type: string, output_index: number, place: JsonObject): JsonObject => ({
  type,
  item_id: `i${output_index}`,
  output_index,
  ...place,
  delta: '@',
})

const CASES: { readonly [Name in Format]: readonly PieceCase[] } = {
  'openai-chat': [
    { before: [chunk({ role: 'assistant' })], event: chunk({ content: '@' }), members: CHUNK_MEMBERS },
    { before: [chunk({ role: 'assistant' })], event: chunk({ reasoning_content: '@' }), members: CHUNK_MEMBERS },
    {
      before: [0, 1].map((at) => chatCall(at, { id: `call_${at}`, function: { name: 'f', arguments: '{' } })),
      event: chatCall(0, { function: { arguments: '@' } }),
      members: {
        ...CHUNK_MEMBERS,
        '/choices/0/delta/tool_calls/0/index': [0, 1, 2],
        '/choices/0/delta/tool_calls/0/id': ['', 'call_1', 'x'],
        '/choices/0/delta/tool_calls/0/type': ['function', 'x', 'y'],
        '/choices/0/delta/tool_calls/0/function/name': ['', 'f', 'g'],
      },
    },
  ],
  'anthropic-messages': [
    {
      before: [{ type: 'message_start', message: MESSAGE }, block(0, { type: 'text', text: '' })],
      event: blockDelta(0, { type: 'text_delta', text: '@' }),
      members: { ...DELTA_MEMBERS, '/delta/thinking': ['', 'a', 'b'] },
    },
    {
      before: [{ type: 'message_start', message: MESSAGE }, block(0, { type: 'thinking', thinking: '' })],
      event: blockDelta(0, { type: 'thinking_delta', thinking: '@' }),
      members: { ...DELTA_MEMBERS, '/delta/text': ['', 'a', 'b'] },
    },
    {
      before: [{ type: 'message_start', message: MESSAGE }, block(0, toolUse('a')), block(1, toolUse('b'))],
      event: blockDelta(0, { type: 'input_json_delta', partial_json: '@' }),
      members: DELTA_MEMBERS,
    },
    {
      before: [
        { type: 'message_start', message: MESSAGE },
        block('a', toolUse('a')),
        block('blank 0', toolUse('b')),
        block('blank 1', toolUse('c')),
      ],
      event: blockDelta('a', { type: 'input_json_delta', partial_json: '@' }),
      members: { '/index': ['a', 'blank 0', 'blank 1', 'c'] },
    },
  ],
  'openai-responses': [
    {
      before: RESPONSE_BEGUN,
      event: itemDelta('response.output_text.delta', 0, { content_index: 0 }),
      members: ITEM_MEMBERS,
    },
    { before: RESPONSE_BEGUN, event: itemDelta('response.output_text.delta', 1, {}), members: ITEM_MEMBERS },
    {
      before: RESPONSE_BEGUN,
      event: itemDelta('response.output_text.delta', 0, { content_index: 0, logprobs: [{ token: 'a', logprob: -1 }] }),
      members: { '/logprobs/0/token': ['a', 'b', 'c'], '/logprobs/0/logprob': [-1, -2, -3] },
    },
    {
      before: RESPONSE_BEGUN,
      event: itemDelta('response.function_call_arguments.delta', 2, {}),
      members: ITEM_MEMBERS,
    },
    {
      before: RESPONSE_BEGUN,
      event: itemDelta('response.reasoning_summary_text.delta', 4, { summary_index: 0 }),
      members: ITEM_MEMBERS,
    },
    {
      before: RESPONSE_BEGUN,
      event: itemDelta('response.reasoning_text.delta', 4, { content_index: 0 }),
      members: ITEM_MEMBERS,
    },
  ],
}

/** What comes in the place of the piece, one after the other. */
const PIECES = ['u', 'v', 'w', 'x', '', 'y']
const NAMES = ['message', 'error', undefined]

/**
 * Streams of pieces beside which one more member changes; and the name of the event. Two values make a form, a third one
 * comes later.
 */
export function* changingMembers(format: Format): Generator<string> {
  for (const { before, event, members } of CASES[format]) {
    const begun = before.map((body) => frame(body)).join('')
    for (const [path, values] of Object.entries(members)) {
      for (const order of ordersOf(values)) {
        const bodies = PIECES.map((piece, at) =>
          withMember(event, path, { value: order[at % order.length] ?? '', piece }),
        )
        yield begun + bodies.map((body) => frame(body)).join('')
      }
    }
    for (const order of ordersOf(NAMES)) {
      const named = PIECES.map((piece, at) =>
        frame(withMember(event, '', { value: '', piece }), order[at % order.length]),
      )
      yield begun + named.join('')
    }
  }
}

function* ordersOf<Value>(values: readonly Value[]): Generator<readonly Value[]> {
  for (const first of values)
    for (const second of values) for (const third of values) yield [first, second, first, third, second]
}

interface Change {
  readonly value: string | number
  readonly piece: string
}

/** @param path - `''` = no member but the piece is another one */
function withMember(event: JsonObject, path: string, { value, piece }: Change): JsonObject {
  const body = JSON.parse(JSON.stringify(event))
  const keys = path.split('/').slice(1)
  const last = keys.pop()
  const holder = keys.reduce((inner, key) => inner[key], body)
  if (last !== undefined) holder[last] = value
  return JSON.parse(JSON.stringify(body).replace('"@"', JSON.stringify(piece)))
}

function frame(body: JsonObject, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(body)}\n\n`
}
