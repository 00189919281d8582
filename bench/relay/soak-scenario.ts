import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { Pool } from 'undici'

import type { Goal, Result } from '../measure/result.ts'
import { percentile } from '../measure/statistics.ts'
import { KEYS, startContenders } from './contenders.ts'
import type { MeasuredProcess } from './measured-process.ts'
import { modelOf, type StreamPlan } from './plan.ts'

/** What a long life leaves behind, as `reliability` 1.4 bounds it, and what many ends at once do to the others (1.5). */
const STREAMS = 10_000
const AT_ONCE = 40
/** Little beside the streams: what they leave behind is not hidden in it. */
const WARM_UP = 1000
/** A relay that is asked all the time has no rest in which it could give memory back. */
const SETTLE_MS = 3000
/** What 10,000 streams may add to the live objects: caches that fill up to their bounds, and nothing of a stream. */
const MAX_MORE_OBJECTS_MB = 5
const MEGABYTE = 1024 * 1024
const SHORT: StreamPlan = { kind: 'text', chunks: 20, eventsPerPacket: 1, intervalMs: 2 }

const LARGE_STREAMS = 30
const LARGE_BYTES = 5 * MEGABYTE
/** More than is read of it, whatever the format. */
const LARGE: StreamPlan = { kind: 'text', chunks: 40_000, eventsPerPacket: 270, intervalMs: 0 }
const HEALTH_LIMIT_MS = 100

const PATHS = { chat: '/v1/chat/completions', messages: '/v1/messages' } as const
const FORMATS = ['chat', 'messages'] as const

/** One way through the relay: what the client speaks, what the account speaks. */
interface Way {
  readonly client: keyof typeof PATHS
  readonly account: keyof typeof KEYS
}

const WAYS: readonly Way[] = FORMATS.flatMap((client) => FORMATS.map((account) => ({ client, account })))

/**
 * Thirty large streams that are abandoned together; then ten thousand short ones on four ways, half of them abandoned, and as
 * many again: what the second ten thousand add is what each ten thousand would.
 */
export async function runSoakScenario(): Promise<Result[]> {
  const { relay, upstream, stop } = await startContenders()
  try {
    const health = await healthMeanwhile(relay.url)
    await runStreams(relay.url, WARM_UP)
    const before = await look(relay, upstream)
    await runStreams(relay.url, STREAMS)
    const after = await look(relay, upstream)
    await runStreams(relay.url, STREAMS)
    const later = await look(relay, upstream)
    return [...compared(before, after), ...repeated(after, later), health]
  } finally {
    await stop()
  }
}

interface Held {
  readonly memory: number
  readonly objects: number
  readonly descriptors: number
  readonly upstreamDescriptors: number
}

async function look(relay: MeasuredProcess, upstream: MeasuredProcess): Promise<Held> {
  await sleep(SETTLE_MS)
  return {
    memory: await relay.memory(),
    objects: await relay.objects(),
    descriptors: await relay.descriptors(),
    upstreamDescriptors: await upstream.descriptors(),
  }
}

async function runStreams(url: string, count: number): Promise<void> {
  const pool = new Pool(url, { connections: null })
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next
      next += 1
      const way = WAYS[index % WAYS.length] ?? { client: 'chat', account: 'chat' }
      const isAbandoned = Math.floor(index / WAYS.length) % 2 === 1
      await readStream(pool, { way, plan: SHORT, maxBytes: isAbandoned ? 1 : Infinity })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  await pool.destroy()
}

interface Reading {
  readonly way: Way
  readonly plan: StreamPlan
  /** Where the client leaves. */
  readonly maxBytes: number
}

async function readStream(pool: Pool, { way, plan, maxBytes }: Reading): Promise<void> {
  const messages = [{ role: 'user', content: 'Tell me how streams are cut.' }]
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: PATHS[way.client],
    headers: { 'content-type': 'application/json', 'x-api-key': KEYS[way.account] },
    body: JSON.stringify({ model: modelOf(plan), messages, stream: true, max_tokens: 100_000 }),
  })
  if (statusCode !== 200) throw new Error(`a stream got ${statusCode}`)
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes >= maxBytes) return // which destroys the body
  }
}

/** Milliseconds that `/health` takes while large streams run and are left. */
async function healthMeanwhile(url: string): Promise<Result> {
  const pool = new Pool(url, { connections: null })
  const poller = fork(fileURLToPath(new URL('health-poller.ts', import.meta.url)), [url])
  await once(poller, 'message')
  const streams = Array.from({ length: LARGE_STREAMS }, (_, index) => {
    const way = WAYS[index % WAYS.length] ?? { client: 'chat', account: 'chat' }
    return readStream(pool, { way, plan: LARGE, maxBytes: LARGE_BYTES })
  })
  await Promise.all(streams)
  poller.send('stop')
  const [waits] = (await once(poller, 'message')) as [number[]] // all it ever sends after that
  await pool.destroy()
  const p99 = percentile(waits, 0.99)
  return {
    ...bounded('p99 of /health while 30 streams of 5 MB run and are abandoned', 'ms', {
      value: p99,
      limit: HEALTH_LIMIT_MS,
    }),
    details: { asked: waits.length, 'p50 ms': percentile(waits, 0.5), 'longest ms': Math.max(...waits) },
  }
}

function compared(before: Held, after: Held): Result[] {
  const memoryLimit = (before.memory * 1.3) / MEGABYTE + 40
  return [
    {
      ...bounded('memory after 10,000 streams, half of them abandoned', 'MB', {
        value: after.memory / MEGABYTE,
        limit: memoryLimit,
      }),
      details: { 'MB before': before.memory / MEGABYTE },
    },
    bounded('more open descriptors than before them', 'of the relay', {
      value: after.descriptors - before.descriptors,
      limit: 20,
    }),
    bounded('more open connections at the upstream', 'of the upstream', {
      value: after.upstreamDescriptors - before.upstreamDescriptors,
      limit: 20,
    }),
  ]
}

/** What the same streams add once more. */
function repeated(before: Held, after: Held): Result[] {
  return [
    {
      ...bounded('memory after 10,000 more', 'MB', {
        value: after.memory / MEGABYTE,
        limit: (before.memory / MEGABYTE) * 1.1,
      }),
      details: { 'MB before': before.memory / MEGABYTE },
    },
    {
      ...bounded('live objects that 10,000 more have added', 'MB', {
        value: (after.objects - before.objects) / MEGABYTE,
        limit: MAX_MORE_OBJECTS_MB,
      }),
      details: { 'MB before': before.objects / MEGABYTE },
    },
  ]
}

interface Bounded {
  readonly value: number
  readonly limit: number
}

function bounded(what: string, unit: string, { value, limit }: Bounded): Result {
  const goal: Goal = { number: 0, goal: limit, reach: limit, of: 'subject' }
  const ratio = value / limit
  return {
    what,
    unit,
    goal,
    subject: { name: 'relay', value },
    baseline: { name: 'limit', value: limit },
    ratio,
    spread: [ratio, ratio],
  }
}
