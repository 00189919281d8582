import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

import { composeDemoContent } from './demo-content.ts'
import { countDemoUsage, demoFrames, wholeDemoAnswer } from './demo-wire.ts'
import type { DemoHead } from './demo-wire.ts'

/** The built-in upstream of the demo account. */
export interface DemoUpstream {
  /** Base URL for an `openai-chat` account, e.g. `http://127.0.0.1:40123`. */
  readonly url: string
  /** Ends running answers and frees the port. */
  close(): Promise<void>
}

/** Settings of the demo upstream. */
export interface DemoOptions {
  /** Pause between two chunks of a stream, so that one can see it stream. Default 12 ms. */
  readonly chunkDelayMs?: number
}

/** The one model that the demo serves; it answers to every other name, too. */
export const DEMO_MODEL = 'relay-demo'

const MAX_BODY_BYTES = 32 * 1024 * 1024

/** Starts a local server that speaks OpenAI Chat and answers with prepared text and tool calls. */
export async function startDemoUpstream(options: DemoOptions = {}): Promise<DemoUpstream> {
  const chunkDelayMs = options.chunkDelayMs ?? 12
  const server = createServer((request, response) => {
    // A broken connection is all that can go wrong here, and then nobody is left to be told.
    serve(request, response, chunkDelayMs).catch(() => response.destroy())
  })
  server.on('connection', (socket) => socket.setNoDelay(true))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo // a TCP server's address is always one
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, chunkDelayMs: number): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  if (request.method === 'GET' && path.endsWith('/models')) {
    const model = { id: DEMO_MODEL, object: 'model', created: 0, owned_by: 'relay' }
    return sendJson(response, 200, { object: 'list', data: [model] })
  }
  if (request.method !== 'POST' || !path.endsWith('/chat/completions')) {
    request.resume()
    return sendError(response, 404, 'the demo account only answers POST /v1/chat/completions')
  }
  return answerChat(request, response, chunkDelayMs)
}

async function answerChat(request: IncomingMessage, response: ServerResponse, chunkDelayMs: number): Promise<void> {
  const body = await readBody(request)
  if (body === undefined) return sendError(response, 413, 'the request is larger than 32 MB')
  const parsed = readRequest(body)
  if (parsed === undefined) {
    return sendError(response, 400, 'the body must be a JSON object with a list "messages"')
  }
  const content = composeDemoContent(parsed)
  const head = createHead(parsed.model)
  const usage = countDemoUsage(body.length, content)
  if (!parsed.isStream) return sendJson(response, 200, wholeDemoAnswer(head, content, usage))
  const frames = demoFrames(head, content, parsed.wantsUsage ? usage : undefined)
  return sendFrames(response, frames, chunkDelayMs)
}

async function sendFrames(response: ServerResponse, frames: Iterable<string>, chunkDelayMs: number): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  })
  for (const frame of frames) {
    if (response.destroyed) return // the client has left
    response.write(frame)
    if (chunkDelayMs > 0) await wait(chunkDelayMs)
  }
  response.end()
}

interface ParsedRequest {
  readonly messages: readonly unknown[]
  readonly tools?: unknown
  readonly tool_choice?: unknown
  readonly response_format?: unknown
  readonly model: string
  readonly isStream: boolean
  readonly wantsUsage: boolean
}

function readRequest(body: Buffer): ParsedRequest | undefined {
  const fields = parseObject(body)
  const messages = fields?.get('messages')
  if (fields === undefined || !Array.isArray(messages)) return undefined
  const model = fields.get('model')
  const streamOptions = fields.get('stream_options')
  return {
    messages,
    tools: fields.get('tools'),
    tool_choice: fields.get('tool_choice'),
    response_format: fields.get('response_format'),
    model: typeof model === 'string' ? model : DEMO_MODEL,
    isStream: fields.get('stream') === true,
    wantsUsage:
      typeof streamOptions === 'object' &&
      streamOptions !== null &&
      'include_usage' in streamOptions &&
      streamOptions.include_usage === true,
  }
}

function parseObject(body: Buffer): ReadonlyMap<string, unknown> | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined
  } catch {
    return undefined // not JSON: the caller answers 400
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const part = chunk as Buffer // no encoding is set
    bytes += part.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(part)
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks)
}

function createHead(model: string): DemoHead {
  const id = `chatcmpl-${randomBytes(12).toString('hex')}`
  return { id, created: Math.floor(Date.now() / 1000), model }
}

function sendError(response: ServerResponse, status: number, message: string): void {
  const error = { message, type: 'invalid_request_error', param: null, code: null }
  sendJson(response, status, { error })
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
