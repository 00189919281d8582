import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Loose } from '../../src/testing/loose.ts'

/** A call as the server got it. */
export interface ServedCall {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** `JSON.parse` of the body; `undefined` when there is none. */
  readonly json: Loose
}

/** A server of one format on a real loopback socket. */
export interface Loopback {
  /** Up to and including `/v1`. */
  readonly url: string
  readonly calls: readonly ServedCall[]
  /** What the next calls get, in order; the last one stays. */
  answer(...scripts: readonly Script[]): void
  close(): Promise<void>
}

/** Writes one answer. */
export type Script = (response: ServerResponse, call: ServedCall) => void | Promise<void>

/** Starts a server that refuses everything until it is told what to answer. */
export async function startLoopback(): Promise<Loopback> {
  const calls: ServedCall[] = []
  let scripts: Script[] = [status(500, { error: { message: 'nothing scripted', type: 'server_error' } })]
  const server = createServer((request, response) => void serve(request, response))

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk as Uint8Array) // no encoding is set: bytes
    const body = Buffer.concat(chunks).toString('utf8')
    const { method = '', url = '', headers } = request
    const call = { method, path: url, headers, body, json: body === '' ? undefined : JSON.parse(body) }
    calls.push(call)
    const script = scripts.length > 1 ? scripts.shift() : scripts[0]
    await script?.(response, call)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server's address
  return {
    url: `http://127.0.0.1:${port}/v1`,
    calls,
    answer: (...next) => {
      scripts = [...next]
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** A JSON answer. */
export function status(code: number, body: object, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
}

/** An event stream, sent frame by frame. */
export function events(frames: readonly string[]): Script {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const frame of frames) response.write(frame)
    response.end()
  }
}

/** A Chat server: whole or streamed, as it was asked. */
export function chat(text: string): Script {
  const head = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'some-model' }
  const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }
  const chunk = (delta: object, finish: string | null): string =>
    frame({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })
  const frames = [
    chunk({ role: 'assistant', content: '' }, null),
    ...text.split(/(?<= )/).map((word) => chunk({ content: word }, null)),
    chunk({}, 'stop'),
    frame({ ...head, object: 'chat.completion.chunk', choices: [], usage }),
    'data: [DONE]\n\n',
  ]
  const message = { role: 'assistant', content: text }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  const whole = status(200, { ...head, object: 'chat.completion', choices, usage }, { 'x-request-id': 'req_up' })
  return (response, call) => (call.json.stream === true ? events(frames) : whole)(response, call)
}

/** A Messages server: whole or streamed, as it was asked. */
export function messages(text: string): Script {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-5',
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 3 },
  }
  const start = { ...message, content: [], stop_reason: null }
  const frames = [
    { type: 'message_start', message: start },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...text.split(/(?<= )/).map((word) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: word },
    })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\n${frame(event)}`)
  const whole = status(200, { ...message, content: [{ type: 'text', text }] })
  return (response, call) => (call.json.stream === true ? events(frames) : whole)(response, call)
}

/** One frame of a stream. */
export function frame(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}
