import type { Answer, WrittenAnswer } from './answer.ts'
import { pieces } from './answer.ts'

type Block = Readonly<Record<string, unknown>> & { readonly type: string }

/** Writes an answer as Anthropic's Messages API does. */
export function writeMessages(answer: Answer): WrittenAnswer {
  const { tokens } = answer
  const input = {
    input_tokens: tokens.input - tokens.cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: tokens.cached,
  }
  const head = { id: answer.id, type: 'message', role: 'assistant', model: answer.model }
  const stop = { stop_reason: answer.calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null }
  const blocks = [...writeBlocks(answer)]
  const searches = answer.search === undefined ? {} : { server_tool_use: { web_search_requests: 1 } }
  const start = { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...input, output_tokens: 1 } }
  const events = [
    { type: 'message_start', message: start },
    { type: 'ping' },
    ...blocks.flatMap((block, index) => [...writeBlock(block, index)]),
    { type: 'message_delta', delta: stop, usage: { ...input, ...searches, output_tokens: tokens.output } },
    { type: 'message_stop' },
  ]
  return {
    json: { ...head, content: blocks, ...stop, usage: { ...input, ...searches, output_tokens: tokens.output } },
    sse: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  }
}

function* writeBlocks({ reasoning, search, text, calls }: Answer): Generator<Block> {
  if (reasoning !== undefined) yield { type: 'thinking', thinking: reasoning.text, signature: reasoning.proof }
  if (search !== undefined) {
    const { query, url, title } = search
    const found = { type: 'web_search_result', url, title, encrypted_content: 'c2VhbGVkIHBhZ2U=', page_age: null }
    yield { type: 'server_tool_use', id: 'srvtoolu_search', name: 'web_search', input: { query } }
    yield { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_search', content: [found] }
  }
  if (text !== '') yield { type: 'text', text }
  for (const { id, tool, input } of calls) yield { type: 'tool_use', id, name: tool.name, input }
}

function* writeBlock(block: Block, index: number): Generator<Block> {
  const { start, deltas } = openBlock(block)
  yield { type: 'content_block_start', index, content_block: start }
  for (const delta of deltas) yield { type: 'content_block_delta', index, delta }
  yield { type: 'content_block_stop', index }
}

interface OpenedBlock {
  readonly start: Block
  readonly deltas: readonly Block[]
}

function openBlock(block: Block): OpenedBlock {
  switch (block.type) {
    case 'thinking': {
      const deltas = pieces(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking }))
      const proof = { type: 'signature_delta', signature: block['signature'] }
      return { start: { type: 'thinking', thinking: '', signature: '' }, deltas: [...deltas, proof] }
    }
    case 'text': {
      const deltas = pieces(String(block['text'])).map((text) => ({ type: 'text_delta', text }))
      return { start: { type: 'text', text: '' }, deltas }
    }
    case 'tool_use':
    case 'server_tool_use': {
      const json = pieces(JSON.stringify(block['input']))
      const deltas = json.map((piece) => ({ type: 'input_json_delta', partial_json: piece }))
      return { start: { ...block, input: {} }, deltas }
    }
    default:
      return { start: block, deltas: [] } // comes whole
  }
}
