import type { FormatName } from '@relay/format-converter'
import { createParser } from 'eventsource-parser'

/** Bytes in, text out: the least a stream conversion can do. */
export interface PlainConverter {
  push(chunk: Uint8Array): string
}

/** What a plain conversion knows of an event. */
export interface PlainWriter {
  text(text: string): string
  /** @param index - which call of the answer */
  input(index: number, piece: string): string
  readonly end: string
}

/** Parses one event's data and has its delta written; `''` for what is neither a delta nor the end. */
type PlainReader = (data: string, writer: PlainWriter) => string

/** The formats whose streams are measured. */
export type BenchFormat = Extract<FormatName, 'anthropic-messages' | 'openai-chat' | 'openai-responses'>

/** One direction: an upstream's stream for a client. */
export interface Direction {
  readonly upstream: BenchFormat
  readonly client: BenchFormat
}

/** A stream of one format to another (or the same) with nothing but a parser, `JSON.parse` and a template. */
export function createPlainConverter({ upstream, client }: Direction): PlainConverter {
  return convertEach(READERS[upstream], WRITERS[client]())
}

/** Reads a stream as plainly as the conversion does. */
export function readPlainly(format: BenchFormat, writer: PlainWriter): PlainConverter {
  return convertEach(READERS[format], writer)
}

interface ChatChunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string | null; readonly tool_calls?: readonly ChatCall[] }
  }[]
}

interface ChatCall {
  readonly index: number
  readonly function: { readonly arguments: string }
}

interface MessagesEvent {
  readonly type: string
  readonly index: number
  readonly delta: { readonly text?: string; readonly partial_json?: string }
}

interface ResponsesEvent {
  readonly type: string
  readonly output_index: number
  readonly delta: string
}

const READERS: Readonly<Record<BenchFormat, PlainReader>> = {
  'openai-chat': (data, writer) => {
    if (data === '[DONE]') return writer.end
    const delta = (JSON.parse(data) as ChatChunk).choices[0]?.delta
    const call = delta?.tool_calls?.[0]
    if (call !== undefined) return writer.input(call.index, call.function.arguments)
    return typeof delta?.content === 'string' ? writer.text(delta.content) : ''
  },
  'anthropic-messages': (data, writer) => {
    const { type, index, delta } = JSON.parse(data) as MessagesEvent
    if (type === 'message_stop') return writer.end
    if (type !== 'content_block_delta') return ''
    return delta.text === undefined ? writer.input(index, delta.partial_json ?? '') : writer.text(delta.text)
  },
  'openai-responses': (data, writer) => {
    const { type, output_index, delta } = JSON.parse(data) as ResponsesEvent
    if (type === 'response.output_text.delta') return writer.text(delta)
    if (type === 'response.function_call_arguments.delta') return writer.input(output_index, delta)
    return type === 'response.completed' ? writer.end : ''
  },
}

const CHUNK_HEAD =
  'data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":'
const CHUNK_TAIL = ',"logprobs":null,"finish_reason":null}]}\n\n'

const WRITERS: Readonly<Record<BenchFormat, () => PlainWriter>> = {
  'openai-chat': () => ({
    text: (text) => `${CHUNK_HEAD}{"content":${JSON.stringify(text)}}${CHUNK_TAIL}`,
    input: (index, piece) =>
      `${CHUNK_HEAD}{"tool_calls":[{"index":${index},"function":{"arguments":${JSON.stringify(piece)}}}]}${CHUNK_TAIL}`,
    end: 'data: [DONE]\n\n',
  }),
  'anthropic-messages': () => ({
    text: (text) =>
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${JSON.stringify(text)}}}\n\n`,
    input: (index, piece) =>
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"input_json_delta","partial_json":${JSON.stringify(piece)}}}\n\n`,
    end: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  }),
  'openai-responses': createResponsesWriter,
}

/** The format wants its events numbered: that much state has to be. */
function createResponsesWriter(): PlainWriter {
  let sequence = 0
  return {
    text: (text) =>
      `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","item_id":"msg_0","output_index":0,"content_index":0,"logprobs":[],"delta":${JSON.stringify(text)},"sequence_number":${sequence++}}\n\n`,
    input: (index, piece) =>
      `event: response.function_call_arguments.delta\ndata: {"type":"response.function_call_arguments.delta","item_id":"fc_0","output_index":${index},"delta":${JSON.stringify(piece)},"sequence_number":${sequence++}}\n\n`,
    end: 'event: response.completed\ndata: {"type":"response.completed","response":{}}\n\n',
  }
}

function convertEach(read: PlainReader, writer: PlainWriter): PlainConverter {
  const utf8 = new TextDecoder()
  let output = ''
  const parser = createParser({
    onEvent: ({ data }) => {
      output += read(data, writer)
    },
  })
  return {
    push: (chunk) => {
      output = ''
      parser.feed(utf8.decode(chunk, { stream: true }))
      return output
    },
  }
}
