import { describe, expect, test } from 'vitest'

import type { ConversionError, JsonObject, JsonValue } from '../../src/index.ts'
import { open } from '../support/exchanges.ts'
import { others, type Format } from '../support/pairs.ts'

type Event = JsonObject | string

const chunk = (members: JsonObject): JsonObject => ({
  id: 'c',
  object: 'chat.completion.chunk',
  model: 'm',
  ...members,
})
const delta = (said: JsonObject, finish_reason: string | null = null): JsonObject =>
  chunk({ choices: [{ index: 0, delta: said, finish_reason }] })
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1 } }
const RESPONSE = { id: 'resp_1', object: 'response', status: 'in_progress', model: 'm', output: [] }
const ITEM = { id: 'i', type: 'message', role: 'assistant', status: 'in_progress', content: [] }

/** An answer of two pieces in each format. */
const ANSWERS: { readonly [Name in Format]: readonly Event[] } = {
  'openai-chat': [
    delta({ role: 'assistant' }),
    delta({ content: 'a' }),
    delta({ content: 'b' }),
    delta({}, 'stop'),
    'data: [DONE]\n\n',
  ],
  'anthropic-messages': [
    { type: 'message_start', message: MESSAGE },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'b' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  ],
  'openai-responses': [
    { type: 'response.created', response: RESPONSE },
    { type: 'response.output_item.added', output_index: 0, item: ITEM },
    { type: 'response.output_text.delta', item_id: 'i', output_index: 0, content_index: 0, delta: 'a' },
    { type: 'response.output_text.delta', item_id: 'i', output_index: 0, content_index: 0, delta: 'b' },
    { type: 'response.output_item.done', output_index: 0, item: { ...ITEM, status: 'completed' } },
    { type: 'response.completed', response: { ...RESPONSE, status: 'completed' } },
  ],
}

const ANY: readonly Event[] = [
  'data: []\n\n',
  'data: 5\n\n',
  'data: "x"\n\n',
  'data: {}\n\n',
  'data: null\n\n',
  'data: {"a":1}x\n\n',
]
const NAMED_ERROR = ['{"message":"x"}', '{"type":"error","error":{"message":"x"}}', '{"type":"ping"}', '{}'].map(
  (data) => `event: error\ndata: ${data}\n\n`,
)

/** Events that are JSON, and strange. */
const STRANGE: { readonly [Name in Format]: readonly Event[] } = {
  'openai-chat': [
    ...[[], null, 'x', {}, [1], [null], [{}], [{ index: 0, delta: null }]].map((choices) => chunk({ choices })),
    ...[{}, [], null, 'x', { total_tokens: 5 }].map((usage) => chunk({ choices: [], usage })),
    ...['error', 'network_error', 'insufficient_system_resource', 'x'].map((reason) => delta({}, reason)),
    ...['boom', {}, [], true, null].map((error) => chunk({ error })),
    chunk({ choices: [{ index: 1, delta: {}, finish_reason: 'error' }] }),
    { object: 'error', message: 'x' },
    { detail: 'x' },
    { message: 'x', code: 500 },
    { errors: [{ message: 'x' }] },
    { code: 1 },
    delta({ tool_calls: [5] }),
  ],
  'anthropic-messages': [
    { type: 'message_start' },
    { type: 'message_start', message: { ...MESSAGE, id: 'msg_2' } },
    { type: 'content_block_delta', index: 0, delta: 'x' },
    { type: 'content_block_delta', index: 7, delta: { type: 'input_json_delta', partial_json: '{' } },
    { type: 'content_block_start', index: 1 },
    { type: 'message_delta', delta: null, usage: 5 },
    { type: 'error' },
    { error: { message: 'x' } },
    { type: 'other', error: { message: 'x' } },
    'data: [DONE]\n\n',
  ],
  'openai-responses': [
    { type: 'response.created' },
    { type: 'response.failed' },
    { type: 'response.cancelled' },
    { type: 'error', message: 'x' },
    { type: 'response.error', error: { message: 'x' } },
    { type: 'response.some.thing', error: { message: 'x' } },
    { error: { message: 'x' } },
    { type: 'other', error: { message: 'x' } },
    { type: 'response.output_text.delta', output_index: 0, delta: 5 },
    { type: 'response.completed', response: { ...RESPONSE, status: 'failed' } },
    { type: 'response.incomplete', response: { ...RESPONSE, status: 'failed' } },
    { type: 'response.incomplete', response: 5 },
    { type: 'response.completed', response: { ...RESPONSE, error: 'boom' } },
    { type: 'response.completed', response: { ...RESPONSE, error: { code: 'server_error', message: 'x' } } },
    'event: response.completed\ndata: {"type":true,"response":{}}\n\n',
  ],
}

function frame(event: Event): string {
  return typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`
}

/** How a stream ends; each event comes in a packet of its own. */
function verdict(client: Format, upstream: Format, events: readonly Event[]): object {
  const stream = open({ client, upstream, request: { stream: true } }).byteStream()
  for (const event of events) stream.push(frame(event))
  stream.end()
  return { state: stream.state, failure: stream.error?.kind }
}

const CASES = (Object.keys(ANSWERS) as Format[]).flatMap((upstream) =>
  [...ANY, ...NAMED_ERROR, ...STRANGE[upstream]].map((event) => ({ upstream, name: frame(event), event })),
)

describe('what an upstream says', () => {
  test.for(CASES)(
    'ends a stream that passes as it ends one that is converted: $upstream, $name',
    ({ upstream, event }) => {
      for (const at of [0, 2, 3]) {
        const events = ANSWERS[upstream].toSpliced(at, 0, event)
        for (const client of others(upstream))
          expect(verdict(upstream, upstream, events)).toEqual(verdict(client, upstream, events))
      }
    },
  )

  test.for([[], [delta({ role: 'assistant' })], [chunk({ choices: null })]])(
    'is no answer where it says nothing and then that it is done: %j',
    (events) => {
      const failed = { state: 'failed', failure: 'upstream_truncated' }
      const all = [...events, 'data: [DONE]\n\n']
      expect(verdict('openai-chat', 'openai-chat', all)).toEqual(failed)
      expect(verdict('anthropic-messages', 'openai-chat', all)).toEqual(failed)
    },
  )

  test.for([
    [delta({ tool_calls: [{ index: 0, id: 'call_a', function: { arguments: '{}' } }] })],
    [delta({ tool_calls: [{ index: 0, id: 'call_a', function: { name: '', arguments: '{"name":"f"}' } }] })],
    [delta({ function_call: { arguments: '{}' } })],
  ])('is no answer where it calls what it never names and then says that it is done: %j', (events) => {
    const all = [...events, 'data: [DONE]\n\n']
    for (const client of ['openai-chat', 'anthropic-messages', 'openai-responses'] as const)
      expect(verdict(client, 'openai-chat', all)).toEqual({ state: 'failed', failure: 'upstream_truncated' })
  })

  test.for([{ text: 'Hi' }, { delta: 'Hi' }, { message: 'Hi' }, { delta: { content: 'Hi' } }])(
    'is an answer where it says %j and then that it is done',
    (choice) => {
      const events = [chunk({ choices: [{ index: 0, ...choice }] }), 'data: [DONE]\n\n']
      const finished = { state: 'finished', failure: undefined }
      expect(verdict('openai-chat', 'openai-chat', events)).toEqual(finished)
      expect(verdict('anthropic-messages', 'openai-chat', events)).toEqual(finished)
    },
  )

  test.for([{}, [], { prompt_tokens: 'x' }, { prompt_tokens: 1, completion_tokens: 2 }])(
    'about usage (%j) is for Relay, where it was Relay that had asked',
    (usage) => {
      const events = ANSWERS['openai-chat'].toSpliced(4, 0, chunk({ choices: [], usage }))
      const stream = open({
        client: 'openai-chat',
        upstream: 'openai-chat',
        request: { stream: true, stream_options: null },
      }).byteStream()
      const passed = events.map((event) => Buffer.from(stream.push(frame(event))).toString()).join('')
      expect(passed).toBe(ANSWERS['openai-chat'].map(frame).join(''))
    },
  )
})

const choices = (...list: JsonValue[]): JsonObject => ({ choices: list })
const choice = (members: JsonObject): JsonObject =>
  choices({ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop', ...members })
const ERRORS: readonly JsonValue[] = ['boom', {}, [], true, null, { message: 'x' }, { code: 429, message: 'x' }]
const ITEMS = [{ ...ITEM, status: 'completed', content: [{ type: 'output_text', text: 'a', annotations: [] }] }]

/** What a whole answer may differ in from a good one. */
const WHOLE: { readonly [Name in Format]: { readonly good: JsonObject; readonly strange: readonly JsonObject[] } } = {
  'openai-chat': {
    good: { id: 'c', object: 'chat.completion', model: 'm', ...choice({}) },
    strange: [
      choices(),
      ...[
        null,
        {},
        1,
        { index: 0 },
        { index: 0, message: null },
        { index: 1, message: { content: 'b' } },
        { text: 'a' },
      ].map((each) => choices(each)),
      ...['error', 'network_error', 'insufficient_system_resource', 'x', null, 5, ''].map((reason) =>
        choice({ finish_reason: reason }),
      ),
      ...ERRORS.map((error) => ({ error })),
      { choices: [], error: { message: 'overloaded', code: 529 } },
      { object: 'error', message: 'x' },
    ],
  },
  'anthropic-messages': {
    good: { ...MESSAGE, content: [{ type: 'text', text: 'a' }], stop_reason: 'end_turn' },
    strange: [
      ...[[], null, 'x', {}, [null], [{}]].map((content) => ({ content })),
      ...[null, 'x', 5, 'refusal'].map((reason) => ({ stop_reason: reason })),
      ...ERRORS.map((error) => ({ error })),
    ],
  },
  'openai-responses': {
    good: { ...RESPONSE, status: 'completed', output: ITEMS },
    strange: [
      ...['failed', 'cancelled', 'incomplete', null, 'x', 5].map((status) => ({ status })),
      ...ERRORS.map((error) => ({ error })),
      ...[[], null, 'x', [null], [{}]].map((output) => ({ output })),
    ],
  },
}

/** What kind of trouble a whole answer is; `undefined` for a good one. */
function troubleOf(client: Format, upstream: Format, body: JsonObject): string | undefined {
  try {
    open({ client, upstream }).response(body)
    return undefined
  } catch (error) {
    return (error as ConversionError).kind // what a converter throws
  }
}

const WHOLE_CASES = (Object.keys(WHOLE) as Format[]).flatMap((upstream) =>
  WHOLE[upstream].strange.map((change) => ({
    upstream,
    change: JSON.stringify(change),
    body: { ...WHOLE[upstream].good, ...change },
  })),
)

describe('a whole answer', () => {
  test.for(WHOLE_CASES)('that passes is judged as one that is converted: $upstream, $change', ({ upstream, body }) => {
    for (const client of others(upstream)) {
      expect(troubleOf(client, upstream, WHOLE[upstream].good)).toBeUndefined()
      expect(troubleOf(upstream, upstream, body)).toBe(troubleOf(client, upstream, body))
    }
  })

  test.for(['queued', 'in_progress'])('of Responses may still be made (%s): its client asks again', (status) => {
    const body = { ...WHOLE['openai-responses'].good, status, output: [] }
    expect(troubleOf('openai-responses', 'openai-responses', body)).toBeUndefined()
    expect(troubleOf('openai-chat', 'openai-responses', body)).toBe('upstream_invalid_response')
  })
})
