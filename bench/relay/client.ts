import { Pool } from 'undici'

import { KEYS } from './contenders.ts'
import { modelOf, type StreamPlan } from './plan.ts'
import { delaysIn } from './time-stamp.ts'

/** What a client asks for. */
export interface Question {
  readonly format: 'chat' | 'messages'
  /** Which of the relay's accounts answers; others pay no heed. */
  readonly account: keyof typeof KEYS
  /** `undefined` = one whole answer. */
  readonly plan: StreamPlan | undefined
}

/** What came back. */
export interface Reply {
  readonly bytes: number
  /** Reads that brought body bytes. */
  readonly reads: number
  readonly firstByteMs: number
  readonly totalMs: number
  /** How long each token was on its way, in milliseconds; only of a stream that says when they were sent. */
  readonly tokenDelaysMs: readonly number[]
}

/** A client of one server. */
export interface BenchClient {
  /** @throws Error when the answer is not a whole, good one */
  ask(question: Question): Promise<Reply>
  close(): Promise<void>
}

const PATHS = { chat: '/v1/chat/completions', messages: '/v1/messages' }
const LAST_WORDS = { chat: 'data: [DONE]\n\n', messages: 'data: {"type":"message_stop"}\n\n' }
const TAIL_BYTES = 64
const ANSWER_LIMIT_MS = 30_000

/** Makes a client that does as little as it can beside checking that every answer is complete. */
export function createClient(url: string): BenchClient {
  const pool = new Pool(url, { connections: null, bodyTimeout: ANSWER_LIMIT_MS, headersTimeout: ANSWER_LIMIT_MS })
  return { ask: (question) => ask(pool, question), close: () => pool.destroy() }
}

function ask(pool: Pool, question: Question): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const { format, account, plan } = question
  const begunAt = performance.now()
  let bytes = 0
  let reads = 0
  let firstByteMs = 0
  let status = 0
  let last: Buffer = Buffer.alloc(0)
  const tokenDelaysMs: number[] = []
  pool.dispatch(
    {
      method: 'POST',
      path: PATHS[format],
      headers: { 'content-type': 'application/json', 'x-api-key': KEYS[account] },
      body: bodyOf(question),
    },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code) => {
        status = code
      },
      onResponseData: (_controller, chunk) => {
        if (reads === 0) firstByteMs = performance.now() - begunAt
        reads += 1
        bytes += chunk.length
        if (plan?.kind === 'clock') tokenDelaysMs.push(...delaysIn(chunk))
        last = chunk.length < TAIL_BYTES ? Buffer.concat([last, chunk]).subarray(-TAIL_BYTES) : chunk
      },
      onResponseEnd: () => {
        const isWhole = plan === undefined || last.toString('latin1').endsWith(LAST_WORDS[format])
        const totalMs = performance.now() - begunAt
        if (status === 200 && isWhole) resolve({ bytes, reads, firstByteMs, totalMs, tokenDelaysMs })
        else reject(new Error(`status ${status}, the answer ends with ${last.toString().slice(-300)}`))
      },
      onResponseError: (_controller, error) => reject(error),
    },
  )
  return promise
}

function bodyOf({ format, plan }: Question): string {
  const messages = [{ role: 'user', content: 'Tell me how streams are cut.' }]
  const model = plan === undefined ? 'bench' : modelOf(plan)
  const common = { model, messages, stream: plan !== undefined }
  if (format === 'messages') return JSON.stringify({ ...common, max_tokens: 100_000 })
  return JSON.stringify(plan === undefined ? common : { ...common, stream_options: { include_usage: true } })
}

/** Asks the same so many times, so many at once. @returns the replies */
export async function askMany(client: BenchClient, question: Question, load: Load): Promise<Reply[]> {
  const replies: Reply[] = []
  let left = load.requests
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      replies.push(await client.ask(question))
    }
  }
  await Promise.all(Array.from({ length: load.atOnce }, work))
  return replies
}

export interface Load {
  readonly requests: number
  readonly atOnce: number
}
