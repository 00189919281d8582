import { type Dispatcher, Pool } from 'undici'

import { compare } from '../measure/interleave.ts'
import { compared, type Result } from '../measure/result.ts'
import { type Contenders, KEYS } from './contenders.ts'
import type { MeasuredProcess } from './measured-process.ts'
import { modelOf } from './plan.ts'

/** What an agent sends after a long day. */
const BODY_BYTES = 10 * 1024 * 1024
const REQUESTS = 4
const ROUNDS = 2

/** What is hardest to convert for its size. */
const TINY_MESSAGES = 100_000

/** A chunk every 10 ms on average, for longer than the big requests take. */
const STEADY = { kind: 'text', chunks: 300, eventsPerPacket: 1, intervalMs: 10 } as const

/** What a request of 10 MB costs where it is only passed through, and what other streams feel of it and of a long conversion. */
export async function runBigRequestScenario({ relay, rawNode }: Contenders): Promise<Result[]> {
  const passed = { key: KEYS.chat, body: Buffer.from(bigBody()) }
  const converted = { key: KEYS.messages, body: Buffer.from(tinyMessages()) }
  const cpu = await compare(
    () => cpuOfRequests(relay, passed),
    () => cpuOfRequests(rawNode, passed),
    { rounds: ROUNDS },
  )
  return [
    {
      what: 'a request of 10 MB, same format',
      unit: 'ms CPU a request',
      goal: { number: 7, goal: 3, reach: 1.2, of: 'ratio' },
      subject: { name: 'relay', value: cpu.subject },
      baseline: { name: 'raw-node', value: cpu.baseline },
      ratio: cpu.ratio,
      spread: cpu.spread,
    },
    await waits('longest wait for a token of another stream meanwhile', passed, { relay, rawNode }),
    await waits('longest wait while 100,000 tiny messages are converted', converted, { relay, rawNode }),
  ]
}

interface BigRequest {
  readonly key: string
  /** Encoded once: the streams are read in this process, too. */
  readonly body: Buffer
}

async function waits(
  what: string,
  request: BigRequest,
  { relay, rawNode }: Pick<Contenders, 'relay' | 'rawNode'>,
): Promise<Result> {
  const [subject, baseline] = [await worstGap(relay, request), await worstGap(rawNode, request)]
  return {
    what,
    unit: 'ms',
    goal: { number: 7, goal: 150, reach: 25, of: 'subject' },
    ...compared({ subject, baseline }),
  }
}

function tinyMessages(): string {
  const messages = Array.from({ length: TINY_MESSAGES }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `turn ${index}`,
  }))
  return JSON.stringify({ model: 'bench', messages, stream: false })
}

function bigBody(): string {
  const text = 'The history of a long session, with "quotes", \\ and a few ümläute. '
  const messages = Array.from({ length: 1000 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: text.repeat(Math.ceil(BODY_BYTES / 1000 / text.length)),
  }))
  return JSON.stringify({
    model: 'bench',
    messages: [...messages, { role: 'user', content: 'And now?' }],
    stream: false,
  })
}

/** Milliseconds of CPU for each request. */
async function cpuOfRequests(process: MeasuredProcess, request: BigRequest): Promise<number> {
  const pool = new Pool(process.url)
  try {
    const before = await process.cpu()
    for (let count = 0; count < REQUESTS; count += 1) await post(pool, request)
    return ((await process.cpu()) - before) / 1000 / REQUESTS
  } finally {
    await pool.destroy()
  }
}

async function post(pool: Pool, { key, body }: BigRequest): Promise<void> {
  const { statusCode, body: answer } = await pool.request({ ...callWith(key), body })
  await answer.dump()
  if (statusCode !== 200) throw new Error(`a big request got ${statusCode}`)
}

function callWith(key: string): Dispatcher.RequestOptions {
  const headers = { 'content-type': 'application/json', 'x-api-key': key }
  return { method: 'POST', path: '/v1/chat/completions', headers }
}

/** The longest pause of a steady stream while big requests pass, less its own pause. */
async function worstGap(process: MeasuredProcess, request: BigRequest): Promise<number> {
  const pool = new Pool(process.url, { connections: null })
  const ask = { model: modelOf(STEADY), messages: [{ role: 'user', content: 'steadily' }], stream: true }
  const over = new AbortController()
  const requests = async (): Promise<void> => {
    while (!over.signal.aborted) await post(pool, request)
  }
  try {
    const { body: answer } = await pool.request({ ...callWith(KEYS.chat), body: JSON.stringify(ask) })
    const passing = requests()
    let worst = 0
    let last = performance.now()
    for await (const _ of answer) {
      const now = performance.now()
      worst = Math.max(worst, now - last)
      last = now
    }
    over.abort()
    await passing
    return Math.max(0, worst - STEADY.intervalMs)
  } finally {
    await pool.destroy()
  }
}
