import type { StreamKind } from './chat-stream.ts'
import { ARGUMENT_PIECES, wordAt } from './words.ts'

const RESPONSE = { id: 'resp_68f1c7a2', object: 'response', created_at: 1_790_000_000, model: 'gpt-5.2' }

/** A Responses stream of about so many deltas, one SSE event an element, with every item begun, repeated and ended. */
export function responsesStream(kind: StreamKind, deltas: number): string[] {
  const event = createEventWriter()
  const usage = { input_tokens: 1200, output_tokens: deltas, total_tokens: 1200 + deltas }
  const begun = { ...RESPONSE, status: 'in_progress', output: [], usage: null }
  const head = [event('response.created', { response: begun }), event('response.in_progress', { response: begun })]
  const items = kind === 'text' ? [writeMessage(event, deltas)] : writeCalls(event, deltas)
  const output = items.map(({ item }) => item)
  return [
    ...head,
    ...items.flatMap(({ events }) => events),
    event('response.completed', { response: { ...RESPONSE, status: 'completed', output, usage } }),
  ]
}

type WriteEvent = (type: string, members: object) => string

/** One item of the output: its events, and what it is in the end. */
interface Item {
  readonly item: object
  readonly events: readonly string[]
}

function createEventWriter(): WriteEvent {
  let sequence = 0
  return (type, members) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...members })}\n\n`
}

/** What the vendor adds to a delta so that its size does not tell the text; here it brings the event to 237 bytes or so. */
function obfuscation(characters: number): string {
  return 'BxYz4k2uJ9QmR7tWpL3nVd'.slice(0, characters)
}

function writeMessage(event: WriteEvent, deltas: number): Item {
  const id = 'msg_68f1c7a2d4e0'
  const place = { item_id: id, output_index: 0, content_index: 0 }
  const pieces = Array.from({ length: deltas }, (_, index) => wordAt(index))
  const part = { type: 'output_text', text: pieces.join(''), annotations: [], logprobs: [] }
  const item = { id, type: 'message', status: 'completed', role: 'assistant', content: [part] }
  const events = [
    event('response.output_item.added', { output_index: 0, item: { ...item, status: 'in_progress', content: [] } }),
    event('response.content_part.added', { ...place, part: { ...part, text: '' } }),
    ...pieces.map((delta) =>
      event('response.output_text.delta', { ...place, delta, logprobs: [], obfuscation: obfuscation(8) }),
    ),
    event('response.output_text.done', { ...place, text: part.text, logprobs: [] }),
    event('response.content_part.done', { ...place, part }),
    event('response.output_item.done', { output_index: 0, item }),
  ]
  return { item, events }
}

/** Calls one after the other, all of them whole. */
function writeCalls(event: WriteEvent, deltas: number): Item[] {
  const calls = Math.max(1, Math.round(deltas / ARGUMENT_PIECES.length))
  return Array.from({ length: calls }, (_, index) => writeCall(event, index))
}

function writeCall(event: WriteEvent, index: number): Item {
  const id = `fc_68f1c7a2d4e0${index}`
  const place = { item_id: id, output_index: index }
  const whole = ARGUMENT_PIECES.join('')
  const item = { id, type: 'function_call', status: 'completed', call_id: `call_${index}`, name: 'write_file' }
  const begun = { ...item, status: 'in_progress', arguments: '' }
  const done = { ...item, arguments: whole }
  const events = [
    event('response.output_item.added', { output_index: index, item: begun }),
    ...ARGUMENT_PIECES.map((delta) =>
      event('response.function_call_arguments.delta', { ...place, delta, obfuscation: obfuscation(18) }),
    ),
    event('response.function_call_arguments.done', { ...place, arguments: whole }),
    event('response.output_item.done', { output_index: index, item: done }),
  ]
  return { item: done, events }
}
