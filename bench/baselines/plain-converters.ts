import { createParser } from 'eventsource-parser'

/** Bytes in, text out: the least a stream conversion can do. */
export interface PlainConverter {
  push(chunk: Uint8Array): string
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

/** Chat chunks to Messages deltas with nothing but a parser, `JSON.parse` and a template: no state, no checks. */
export function plainChatToMessages(): PlainConverter {
  return convertEach((data) => {
    if (data === '[DONE]') return 'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    const delta = (JSON.parse(data) as ChatChunk).choices[0]?.delta
    const call = delta?.tool_calls?.[0]
    if (call !== undefined) return inputDelta(call)
    return typeof delta?.content === 'string' ? textDelta(delta.content) : ''
  })
}

/** Messages deltas to Chat chunks, as plainly. */
export function plainMessagesToChat(): PlainConverter {
  return convertEach((data) => {
    const { type, index, delta } = JSON.parse(data) as MessagesEvent
    if (type === 'message_stop') return 'data: [DONE]\n\n'
    if (type !== 'content_block_delta') return ''
    if (delta.text !== undefined) return `${CHUNK_HEAD}{"content":${JSON.stringify(delta.text)}}${CHUNK_TAIL}`
    const piece = JSON.stringify(delta.partial_json)
    return `${CHUNK_HEAD}{"tool_calls":[{"index":${index},"function":{"arguments":${piece}}}]}${CHUNK_TAIL}`
  })
}

const CHUNK_HEAD =
  'data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":1790000000,"model":"m","choices":[{"index":0,"delta":'
const CHUNK_TAIL = ',"logprobs":null,"finish_reason":null}]}\n\n'

function textDelta(text: string): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${JSON.stringify(text)}}}\n\n`
}

function inputDelta({ index, function: { arguments: piece } }: ChatCall): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"input_json_delta","partial_json":${JSON.stringify(piece)}}}\n\n`
}

function convertEach(convert: (data: string) => string): PlainConverter {
  const utf8 = new TextDecoder()
  let output = ''
  const parser = createParser({
    onEvent: ({ data }) => {
      output += convert(data)
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
