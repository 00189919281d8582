import { Pool } from 'undici'

import { compare } from '../measure/interleave.ts'
import type { Result } from '../measure/result.ts'
import { type Contenders, KEYS } from './contenders.ts'
import type { MeasuredProcess } from './measured-process.ts'
import { modelOf } from './plan.ts'

/** What an agent sends after a long day. */
const BODY_BYTES = 10 * 1024 * 1024
const REQUESTS = 4
const ROUNDS = 2

/** A chunk every 10 ms on average, for longer than the big requests take. */
const STEADY = { kind: 'text', chunks: 300, eventsPerPacket: 1, intervalMs: 10 } as const

/** What a request of 10 MB costs where it is only passed through, and what other streams feel of it. */
export async function runBigRequestScenario({ relay, rawNode }: Contenders): Promise<Result[]> {
  const body = bigBody()
  const cpu = await compare(
    () => cpuOfRequests(relay, body),
    () => cpuOfRequests(rawNode, body),
    { rounds: ROUNDS },
  )
  const [subject, baseline] = [await worstGap(relay, body), await worstGap(rawNode, body)]
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
    {
      what: 'longest wait for a token of another stream meanwhile',
      unit: 'ms',
      goal: { number: 7, goal: 150, reach: 25, of: 'subject' },
      subject: { name: 'relay', value: subject },
      baseline: { name: 'raw-node', value: baseline },
      ratio: subject / baseline,
      spread: [subject / baseline, subject / baseline],
    },
  ]
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
async function cpuOfRequests(process: MeasuredProcess, body: string): Promise<number> {
  const pool = new Pool(process.url)
  try {
    const before = await process.cpu()
    for (let count = 0; count < REQUESTS; count += 1) await post(pool, body)
    return ((await process.cpu()) - before) / 1000 / REQUESTS
  } finally {
    await pool.destroy()
  }
}

async function post(pool: Pool, body: string): Promise<void> {
  const { statusCode, body: answer } = await pool.request({ ...CALL, body })
  await answer.dump()
  if (statusCode !== 200) throw new Error(`a request of 10 MB got ${statusCode}`)
}

const CALL = {
  method: 'POST',
  path: '/v1/chat/completions',
  headers: { 'content-type': 'application/json', 'x-api-key': KEYS.chat },
} as const

/** The longest pause of a steady stream while big requests pass, less its own pause. */
async function worstGap(process: MeasuredProcess, body: string): Promise<number> {
  const pool = new Pool(process.url, { connections: null })
  const ask = { model: modelOf(STEADY), messages: [{ role: 'user', content: 'steadily' }], stream: true }
  const over = new AbortController()
  const requests = async (): Promise<void> => {
    while (!over.signal.aborted) await post(pool, body)
  }
  try {
    const { body: answer } = await pool.request({ ...CALL, body: JSON.stringify(ask) })
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
