import type { StreamKind } from './chat-stream.ts'
import { ARGUMENT_PIECES, wordAt } from './words.ts'

/** An unknown member, as some gateways add one; it brings an event to the size of a Chat chunk, so that pairs compare. */
const PADDING = 'fp_44709d6fcb-BxYz4k2uJ9QmR7tWpL3nVd-'.repeat(3)
const PADDING_CHARACTERS = { text_delta: 105, input_json_delta: 92 }

/** An Anthropic Messages stream of about so many deltas, one SSE event an element. */
export function messagesStream(kind: StreamKind, deltas: number): string[] {
  const stopReason = kind === 'text' ? 'end_turn' : 'tool_use'
  const message = {
    id: 'msg_01BxYz4k2uJ9QmR7tWpL3nVd',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-7',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1200, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
  }
  return [
    event('message_start', { message }),
    ...(kind === 'text' ? textBlock(deltas) : callBlocks(deltas)),
    event('message_delta', {
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: deltas },
    }),
    event('message_stop', {}),
  ]
}

/** A whole Messages answer of about 2 KB. */
export function messagesAnswer(): string {
  const text = Array.from({ length: 300 }, (_, index) => wordAt(index)).join('')
  return JSON.stringify({
    id: 'msg_01BxYz4k2uJ9QmR7tWpL3nVd',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-7',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 1200, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 300 },
  })
}

function event(type: string, members: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
}

function textBlock(deltas: number): string[] {
  return [
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...Array.from({ length: deltas }, (_, index) => deltaEvent(0, { type: 'text_delta', text: wordAt(index) })),
    event('content_block_stop', { index: 0 }),
  ]
}

/** Calls one after the other, all of them whole. */
function callBlocks(deltas: number): string[] {
  const calls = Math.max(1, Math.round(deltas / ARGUMENT_PIECES.length))
  return Array.from({ length: calls }, (_, index) => callBlock(index)).flat()
}

function callBlock(index: number): string[] {
  const content_block = { type: 'tool_use', id: `toolu_${index}`, name: 'write_file', input: {} }
  return [
    event('content_block_start', { index, content_block }),
    ...ARGUMENT_PIECES.map((piece) => deltaEvent(index, { type: 'input_json_delta', partial_json: piece })),
    event('content_block_stop', { index }),
  ]
}

function deltaEvent(
  index: number,
  delta: { readonly type: keyof typeof PADDING_CHARACTERS; [member: string]: string },
): string {
  const padding = PADDING.slice(0, PADDING_CHARACTERS[delta.type])
  return event('content_block_delta', { index, delta, padding })
}
