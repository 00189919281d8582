import { ARGUMENT_PIECES, wordAt } from './words.ts'

/** What a synthetic stream is made of. */
export type StreamKind = 'text' | 'tools'

const ENVELOPE = { id: 'chatcmpl-BxYz4k2uJ9QmR7tWpL3nVd', object: 'chat.completion.chunk', created: 1_790_000_000 }

/** What stands around a delta: chunks of both kinds are about 237 bytes, the middle of what vendors send. */
const AROUND = {
  text: { head: { ...ENVELOPE, model: 'gpt-5.2-mini-2026-01-15' }, choice: { logprobs: null }, tail: { usage: null } },
  tools: { head: { ...ENVELOPE, model: 'gpt-5.2' }, choice: {}, tail: {} },
}

/** A Chat Completions stream of about so many chunks, one SSE event an element, with usage and `[DONE]`. */
export function chatStream(kind: StreamKind, chunks: number): string[] {
  const deltas = kind === 'text' ? textDeltas(chunks) : callDeltas(chunks)
  const finish = kind === 'text' ? 'stop' : 'tool_calls'
  const usage = { prompt_tokens: 1200, completion_tokens: chunks, total_tokens: 1200 + chunks }
  return [
    chunkEvent(kind, { role: 'assistant', content: kind === 'text' ? '' : null }, null),
    ...deltas.map((delta) => chunkEvent(kind, delta, null)),
    chunkEvent(kind, {}, finish),
    `data: ${JSON.stringify({ ...AROUND[kind].head, choices: [], usage })}\n\n`,
    'data: [DONE]\n\n',
  ]
}

/** A whole Chat answer of about 2 KB. */
export function chatAnswer(): string {
  const content = Array.from({ length: 300 }, (_, index) => wordAt(index)).join('')
  return JSON.stringify({
    ...AROUND.text.head,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 1200, completion_tokens: 300, total_tokens: 1500 },
  })
}

function chunkEvent(kind: StreamKind, delta: object, finishReason: string | null): string {
  const { head, choice, tail } = AROUND[kind]
  const choices = [{ index: 0, delta, ...choice, finish_reason: finishReason }]
  return `data: ${JSON.stringify({ ...head, choices, ...tail })}\n\n`
}

function textDeltas(chunks: number): object[] {
  return Array.from({ length: chunks }, (_, index) => ({ content: wordAt(index) }))
}

/** Calls one after the other, all of them whole, so that the number of chunks is only about the one asked for. */
function callDeltas(chunks: number): object[] {
  return Array.from({ length: Math.max(1, Math.round(chunks / ARGUMENT_PIECES.length)) }, (_, index) =>
    callAt(index),
  ).flat()
}

function callAt(index: number): object[] {
  const head = { index, id: `call_${index}`, type: 'function', function: { name: 'write_file', arguments: '' } }
  const pieces = ARGUMENT_PIECES.map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }))
  return [{ tool_calls: [head] }, ...pieces]
}
