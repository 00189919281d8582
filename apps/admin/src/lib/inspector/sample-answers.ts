import { convertStream } from '@relay/format-converter'
import type { FormatName } from '@relay/format-converter'

import type { SampleName } from './sample-requests.ts'

/** An event of the Messages API. */
interface SampleEvent {
  readonly type: string
  readonly [member: string]: unknown
}

/** A streamed answer to a sample, as an upstream of the format would send it; written once and converted from there. */
export function sampleAnswer(format: FormatName, name: SampleName): string {
  const events = [START, ...contentOf(name), ...finish(name === 'tools' ? 'tool_use' : 'end_turn')]
  const messages = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  if (format === 'anthropic-messages') return messages
  const { converter } = convertStream({ from: 'anthropic-messages', to: format })
  const parts = [converter.push(new TextEncoder().encode(messages)), converter.end()]
  return parts.map((part) => (typeof part === 'string' ? part : new TextDecoder().decode(part))).join('')
}

const START: SampleEvent = {
  type: 'message_start',
  message: {
    id: 'msg_sample',
    type: 'message',
    role: 'assistant',
    model: 'sample-model',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 24, cache_read_input_tokens: 1024, cache_creation_input_tokens: 0, output_tokens: 1 },
  },
}

function contentOf(name: SampleName): readonly SampleEvent[] {
  switch (name) {
    case 'plain':
      return textBlock(0, ['A relay takes a message ', 'and carries it on.'])
    case 'tools':
      return [...textBlock(0, ['Let me look at Bergen, too.']), ...callBlock(1, ['{"city":', '"Bergen"}'])]
    case 'rich':
      return [
        ...thinkingBlock(0, ['One pixel, ', 'hardly a picture.']),
        ...textBlock(1, ['A single pixel', ' of no great colour.']),
      ]
  }
}

function finish(reason: string): readonly SampleEvent[] {
  return [
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 31 } },
    { type: 'message_stop' },
  ]
}

function textBlock(index: number, texts: readonly string[]): readonly SampleEvent[] {
  const deltas = texts.map((text) => ({ type: 'text_delta', text }))
  return block({ index, start: { type: 'text', text: '' }, deltas })
}

function thinkingBlock(index: number, texts: readonly string[]): readonly SampleEvent[] {
  const deltas = texts.map((thinking) => ({ type: 'thinking_delta', thinking }))
  const signed = [...deltas, { type: 'signature_delta', signature: 'c2FtcGxl' }]
  return block({ index, start: { type: 'thinking', thinking: '', signature: '' }, deltas: signed })
}

function callBlock(index: number, parts: readonly string[]): readonly SampleEvent[] {
  const deltas = parts.map((part) => ({ type: 'input_json_delta', partial_json: part }))
  return block({ index, start: { type: 'tool_use', id: 'toolu_02', name: 'get_weather', input: {} }, deltas })
}

interface Block {
  readonly index: number
  readonly start: object
  readonly deltas: readonly object[]
}

function block({ index, start, deltas }: Block): readonly SampleEvent[] {
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}
