import { ADMIN_API_PATH, adminErrorSchema, PROOF_HEADER, workLineSchema } from '@relay/server/admin-contract'

import { connection } from '#lib/state/connection.svelte.ts'
import { writing } from '#lib/state/writing.svelte.ts'

import { ApiError } from './api-error.ts'
import { createOnceAtATime } from './once-at-a-time.ts'

/** Longest wait for an answer. */
const TIMEOUT_MS = 20_000
/** The relay takes no longer to take in a file. */
const UPLOAD_TIMEOUT_MS = 180_000
/** Long work says every few seconds that it goes on. */
const SILENCE_MS = 60_000

interface Schema<Value> {
  safeParse(input: unknown): { success: true; data: Value } | { success: false }
}

/** What to ask of the admin API, and what the answer looks like. */
export interface Call<Value> {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the admin API's path, with its query. */
  readonly path: string
  readonly answer: Schema<Value>
  readonly body?: object | undefined
  readonly signal?: AbortSignal | undefined
  /** Longest wait for the answer in milliseconds; 20 s unless said otherwise. */
  readonly timeoutMs?: number
}

/** A button that is pressed again while the relay takes its time wants nothing more than it did the first time. */
const onceAtATime = createOnceAtATime()

/**
 * Asks the admin API.
 *
 * @throws ApiError
 */
export async function call<Value>(asked: Call<Value>): Promise<Value> {
  const { method = 'GET', path, body, signal } = asked
  // What may be called off is only asked for a look, each time anew.
  if (method === 'GET' || signal !== undefined) return askAnew(asked)
  return onceAtATime([method, path, JSON.stringify(body)].join(' '), () => writing.during(askAnew(asked)))
}

async function askAnew<Value>({
  method = 'GET',
  path,
  answer,
  body,
  signal,
  timeoutMs = TIMEOUT_MS,
}: Call<Value>): Promise<Value> {
  const limit = AbortSignal.timeout(timeoutMs)
  const json = body === undefined ? {} : { type: 'application/json', body: JSON.stringify(body) }
  const either = signal === undefined ? limit : AbortSignal.any([limit, signal])
  return noted(readWhole(answer, receive(path, { method, ...json, signal: either })), signal)
}

/** Whether it came to an answer is told, unless nobody waits for one any more. */
async function noted<Value>(asked: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  try {
    const value = await asked
    connection.note(undefined)
    return value
  } catch (error) {
    const problem = ApiError.from(error)
    if (signal?.aborted !== true) connection.note(problem.code)
    throw problem
  }
}

/**
 * Sends a file as it is.
 *
 * @throws ApiError
 */
export async function upload<Value>(path: string, file: Blob, answer: Schema<Value>): Promise<Value> {
  const signal = AbortSignal.timeout(UPLOAD_TIMEOUT_MS)
  const sending = { method: 'POST', type: 'application/octet-stream', body: file, signal }
  return noted(readWhole(answer, receive(path, sending)))
}

/** Work that takes long, and what it comes to. */
export interface LongCall<Value> {
  readonly path: string
  readonly body: object
  readonly answer: Schema<Value>
  /** Told how many objects are done. */
  readonly tell: (count: number) => void
}

/**
 * Asks for work that takes long and answers in lines.
 *
 * @throws ApiError `work-failed` in the words of the command
 */
export async function callLong<Value>(asked: LongCall<Value>): Promise<Value> {
  return noted(readLong(asked))
}

async function readLong<Value>({ path, body, answer, tell }: LongCall<Value>): Promise<Value> {
  const silence = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const waitOn = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(new DOMException('silence', 'TimeoutError')), SILENCE_MS)
  }
  waitOn()
  try {
    const request = { method: 'POST', type: 'application/json', body: JSON.stringify(body), signal: silence.signal }
    for await (const line of linesOf(await receive(path, request))) {
      waitOn()
      const known = workLineSchema.safeParse(line)
      if (!known.success) break
      if (known.data.state === 'failed') throw new ApiError('work-failed', { message: known.data.message })
      if (known.data.state === 'done') return readValue(answer, known.data.result)
      tell(known.data.count)
    }
    throw new ApiError('unreadable-answer')
  } finally {
    clearTimeout(timer)
  }
}

interface Sending {
  readonly method: string
  /** Media type of the body. */
  readonly type?: string
  readonly body?: string | Blob
  readonly signal: AbortSignal
}

/** The only `fetch` of the panel. */
async function send(path: string, { method, type, body, signal }: Sending): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', [PROOF_HEADER]: '1' }
  if (type !== undefined) headers['content-type'] = type
  const rest = { credentials: 'same-origin', cache: 'no-store' } as const
  return fetch(`${ADMIN_API_PATH}${path}`, { method, headers, body: body ?? null, signal, ...rest })
}

/** Sends it, and waits for the head of an answer that is none of an error. */
async function receive(path: string, sending: Sending): Promise<Response> {
  const response = await send(path, sending)
  if (response.ok) return response
  const content = await readJson(response)
  // What speaks in its place is a proxy that does not reach it.
  if (response.status >= 502 && content === undefined) throw new ApiError('unreachable')
  throw readError(content)
}

async function readWhole<Value>(answer: Schema<Value>, received: Promise<Response>): Promise<Value> {
  return readValue(answer, await readJson(await received))
}

function readValue<Value>(answer: Schema<Value>, content: unknown): Value {
  const parsed = answer.safeParse(content)
  if (!parsed.success) throw new ApiError('unreadable-answer')
  return parsed.data
}

/** Lines of JSON as they come; one that is none is `undefined`. */
async function* linesOf({ body }: Response): AsyncGenerator<unknown, void> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const piece = await reader?.read()
    if (piece === undefined || piece.done) return
    const lines = (rest + piece.value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield parse(line)
  }
}

/** Writes the fields that are there as a query, with its question mark; empty where there are none. */
export function writeQuery(query: object): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`
}

/** An answer that is no JSON comes from something in between, such as a proxy; the schema refuses it. */
async function readJson(response: Response): Promise<unknown> {
  return parse(await response.text())
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readError(content: unknown): ApiError {
  const parsed = adminErrorSchema.safeParse(content)
  if (!parsed.success) return new ApiError('unreadable-answer')
  return new ApiError(parsed.data.error.code, parsed.data.error)
}
