import { describe, expect, it } from 'vitest'

import type { Loose } from '../src/testing/loose.ts'
import { eventsOf, gather, lossesOf, pour, unnamedSse } from './support/exchanges.ts'
import { judge } from './support/judges.ts'
import type { Pair } from './support/pairs.ts'

const TO_MESSAGES: Pair = { client: 'anthropic-messages', upstream: 'openai-responses' }
const TO_CHAT: Pair = { client: 'openai-chat', upstream: 'openai-responses' }
const MENDED = {
  client: 'openai-responses',
  upstream: 'openai-responses',
  converter: { options: { fixUpstreamStream: true } },
} as const

function event(type: string, rest: Loose): Loose {
  return { type: `response.${type}`, ...rest }
}

function completed(...output: readonly Loose[]): Loose {
  return event('completed', { response: { id: 'r', status: 'completed', output } })
}

function textItem(id: string, ...texts: readonly string[]): Loose {
  const content = texts.map((text) => ({ type: 'output_text', text, annotations: [] }))
  return { id, type: 'message', role: 'assistant', status: 'completed', content }
}

const SEARCH = { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } }
const CALL = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}', status: 'completed' }

describe('an odd Responses stream', () => {
  it('whose item is known by the id in its events alone is told once, although the end lists it again', () => {
    const sse = unnamedSse(
      event('output_text.delta', { item_id: 'msg_1', delta: 'said once' }),
      completed(textItem('msg_1', 'said once')),
    )
    expect(gather(TO_MESSAGES, sse).content).toEqual([{ type: 'text', text: 'said once', citations: null }])
  })

  it('with a part of a kind that is not known tells of the loss', () => {
    const item = { ...textItem('msg_1', 'Hi'), content: [{ type: 'weather', sky: 'blue' }] }
    const sse = unnamedSse(event('output_item.done', { output_index: 0, item }), completed())
    expect(lossesOf(TO_CHAT, sse)).toEqual(['unknown_field #response.content_part.done'])
  })

  it.each([
    ['the item', event('output_item.done', { output_index: 0, item: textItem('msg_1', 'Hi') })],
    ['the part', event('content_part.done', { output_index: 0, part: { type: 'output_text', text: 'Hi' } })],
  ])('that goes on after %s was done tells of the loss', (_name, done) => {
    const late = event('output_text.delta', { output_index: 0, delta: 'more' })
    const sse = unnamedSse(event('output_text.delta', { output_index: 0, delta: 'Hi' }), done, late, completed())
    expect(lossesOf(TO_CHAT, sse)).toEqual(['late_delta_dropped #response.output_item.done'])
  })

  it('has no text between two parts of a message because a search began there', async () => {
    const part = (content_index: number, text: string): readonly Loose[] => [
      event('content_part.added', { output_index: 0, content_index, part: { type: 'output_text', text: '' } }),
      ...(text === '' ? [] : [event('output_text.delta', { output_index: 0, content_index, delta: text })]),
    ]
    const sse = unnamedSse(
      ...part(0, 'one'),
      ...part(1, ''),
      event('output_item.added', { output_index: 1, item: SEARCH }),
      completed(textItem('msg_1', 'one', 'two'), SEARCH),
    )
    const streamed = await judge('openai-chat', pour(TO_CHAT, sse))
    expect(streamed.choices[0].message.content).toBe('onetwo')
    expect(gather(TO_CHAT, sse).choices[0].message.content).toBe('onetwo')
  })

  it('keeps a search that only the end completes at its place when it is mended', async () => {
    const sse = unnamedSse(
      event('created', { response: { id: 'r', status: 'in_progress', output: [] } }),
      event('output_item.added', { output_index: 0, item: { id: 'ws_1', type: 'web_search_call' } }),
      event('output_item.done', { output_index: 1, item: CALL }),
      completed(SEARCH, CALL),
    )
    const types = ['web_search_call', 'function_call']
    expect(gather(MENDED, sse).output.map(({ type }: Loose) => type)).toEqual(types)
    const streamed = await judge('openai-responses', pour(MENDED, sse))
    expect(streamed.output.map(({ type }: Loose) => type)).toEqual(types)
  })

  it('does not call a call unfinished or finished by the words of a search that other formats would get', async () => {
    const sse = unnamedSse(
      event('created', { response: { id: 'r', status: 'in_progress', output: [] } }),
      event('output_item.added', { output_index: 0, item: { id: 'ws_1', type: 'web_search_call' } }),
      event('output_item.done', {
        output_index: 1,
        item: { id: 'ctc_1', type: 'custom_tool_call', call_id: 'call_1', name: 'edit', input: 'x' },
      }),
      event('incomplete', {
        response: {
          id: 'r',
          status: 'incomplete',
          incomplete_details: { reason: 'max_output_tokens' },
          output: [SEARCH],
        },
      }),
    )
    const streamed = await judge('openai-responses', pour(MENDED, sse))
    expect(streamed.output.map(({ status }: Loose) => status)).toEqual(['completed', 'incomplete'])
    expect(gather(MENDED, sse).output.map(({ status }: Loose) => status)).toEqual(['completed', 'incomplete'])
  })

  const EMPTY_PART = { content_index: 0, part: { type: 'output_text', text: '', annotations: [] } }

  it.each([
    ['the item', [event('output_item.done', { output_index: 0, item: textItem('msg_1', 'all of it') }), completed()]],
    [
      'the end',
      [
        event('output_item.done', { output_index: 0, item: textItem('msg_1') }),
        completed(textItem('msg_1', 'all of it')),
      ],
    ],
  ])('whose parts were over without a word says what only %s tells, once', async (_name, ending) => {
    const sse = unnamedSse(
      event('created', { response: { id: 'r', status: 'in_progress', output: [] } }),
      event('output_item.added', { output_index: 0, item: { ...textItem('msg_1'), status: 'in_progress' } }),
      event('content_part.added', { output_index: 0, ...EMPTY_PART }),
      event('content_part.done', { output_index: 0, ...EMPTY_PART }),
      ...ending,
    )
    const streamed = await judge('openai-chat', pour(TO_CHAT, sse))
    expect(streamed.choices[0].message.content).toBe('all of it')
    expect(gather(TO_MESSAGES, sse).content).toEqual([{ type: 'text', text: 'all of it', citations: null }])
    expect(lossesOf(TO_MESSAGES, sse)).toEqual([])
  })

  it('goes on with a text where the end tells more of it than the finished item', () => {
    const sse = unnamedSse(
      event('output_item.done', { output_index: 0, item: textItem('msg_1', 'first') }),
      event('output_item.done', { output_index: 1, item: textItem('msg_2', 'one') }),
      completed(textItem('msg_1', 'first'), textItem('msg_2', 'one and two')),
    )
    expect(gather(TO_CHAT, sse).choices[0].message.content).toBe('first\n\none and two')
    expect(lossesOf(TO_CHAT, sse)).toEqual([])
  })

  it('takes reasoning and its proof from the end where the finished item has none', () => {
    const item = { id: 'rs_1', type: 'reasoning', summary: [] }
    const summary = [{ type: 'summary_text', text: 'because' }]
    const sse = unnamedSse(
      event('output_item.done', { output_index: 0, item }),
      event('output_item.done', { output_index: 1, item: textItem('msg_1', 'so') }),
      completed({ ...item, summary, encrypted_content: 'E' }, textItem('msg_1', 'so')),
    )
    const { reasoning_content, reasoning_details } = gather(TO_CHAT, sse).choices[0].message
    expect(reasoning_content).toBe('because')
    expect(reasoning_details).toHaveLength(1)
  })

  it.each([
    ['a call', CALL, { ...CALL, arguments: '{"a":1}' }],
    ['a text', textItem('msg_1', 'one'), textItem('msg_1', 'two')],
  ])('tells that the end knows %s otherwise than the finished item', (_name, item, listed) => {
    const sse = unnamedSse(event('output_item.done', { output_index: 0, item }), completed(listed))
    expect(lossesOf(TO_CHAT, sse)).toEqual(['upstream_repaired #response.output_item.done'])
  })

  it('tells of a citation that comes when its part is over', () => {
    const annotation = { type: 'url_citation', url: 'https://a.example/', title: 't', start_index: 0, end_index: 2 }
    const part = { type: 'output_text', text: 'Hi', annotations: [] }
    const sse = unnamedSse(
      event('content_part.done', { output_index: 0, content_index: 0, part }),
      event('output_item.done', {
        output_index: 0,
        item: { ...textItem('msg_1'), content: [{ ...part, annotations: [annotation] }] },
      }),
      completed(),
    )
    expect(lossesOf(TO_CHAT, sse)).toEqual(['citation_dropped #citation'])
  })

  it('does not give a citation to a text that it is not about', () => {
    const annotation = { type: 'url_citation', url: 'https://a.example/', title: 't', start_index: 0, end_index: 1 }
    const sse = unnamedSse(
      event('output_text.delta', { output_index: 0, delta: 'first' }),
      event('refusal.delta', { output_index: 1, content_index: 0, delta: 'no' }),
      event('output_text.delta', { output_index: 1, content_index: 1, delta: 'second' }),
      event('output_text.annotation.added', { output_index: 0, annotation }),
      completed(),
    )
    expect(pour(MENDED, sse)).not.toContain('a.example')
    expect(lossesOf(MENDED, sse)).toContain('citation_dropped #citation')
  })

  it('has a citation within the text that went on after a refusal', () => {
    const annotation = { type: 'url_citation', url: 'https://a.example/', title: 't' }
    const sse = unnamedSse(
      event('output_text.delta', { output_index: 0, content_index: 0, delta: 'one' }),
      event('output_text.delta', { output_index: 0, content_index: 1, delta: 'two' }),
      event('refusal.delta', { output_index: 0, content_index: 2, delta: 'no' }),
      event('output_text.delta', { output_index: 0, content_index: 1, delta: 'more' }),
      event('output_text.annotation.added', { output_index: 0, content_index: 1, annotation }),
      completed(),
    )
    const said = eventsOf(pour(MENDED, sse)).find(({ type }) => type === 'response.completed').response.output[0]
      .content
    expect(said.map(({ text, refusal }: Loose) => text ?? refusal)).toEqual(['onetwo', 'no', 'more'])
    expect(said[2].annotations).toEqual([{ ...annotation, start_index: 0, end_index: 4 }])
  })
})
