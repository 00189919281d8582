import { setTimeout as sleep } from 'node:timers/promises'

import { compared, type Result } from '../measure/result.ts'
import { askMany, createClient, type Question } from './client.ts'
import { type Contenders, startContenders } from './contenders.ts'
import type { MeasuredProcess } from './measured-process.ts'

const CROWD = 500
const LARGE_CROWD = 2000
const LONG = { kind: 'text', chunks: 100_000, eventsPerPacket: 270, intervalMs: 0 } as const
const MEGABYTE = 1024 * 1024
/** About two chunks a second, for long enough to be measured in the middle. */
const SLOW = { kind: 'text', chunks: 12, eventsPerPacket: 1, intervalMs: 500 } as const
const SETTLE_MS = 3000

/** Memory that a fresh process takes for each of many slow streams: one that has served a crowd keeps what it took. */
export async function runMemoryScenario(): Promise<Result[]> {
  const results: Result[] = []
  for (const format of ['chat', 'messages'] as const) results.push(...(await crowdOf(CROWD, format)))
  results.push(...(await crowdOf(LARGE_CROWD, 'messages')))
  results.push(await growthOfLongStream())
  return results
}

async function crowdOf(streams: number, format: 'chat' | 'messages'): Promise<Result[]> {
  const { subject, baseline } = await withFreshContenders(async ({ relay, rawNode }) => ({
    baseline: await takenBy(rawNode, { format: 'chat', account: 'chat', plan: SLOW }, streams),
    subject: await takenBy(relay, { format, account: 'chat', plan: SLOW }, streams),
  }))
  const crowd = `${streams} slow streams, ${format === 'chat' ? 'same format' : 'converting'}`
  const perStream = compared({ subject: subject.perStream / 1024, baseline: baseline.perStream / 1024 })
  const whole = compared({ subject: subject.during / MEGABYTE, baseline: baseline.during / MEGABYTE })
  return [
    {
      what: `memory of ${crowd}`,
      unit: 'KB a stream',
      ...perStream,
      goal: { number: 6, goal: 1.5, reach: 1, of: 'ratio' },
    },
    {
      what: `the process with ${crowd}`,
      unit: 'MB',
      ...whole,
      goal: streams === LARGE_CROWD ? { number: 6, goal: 300, reach: 300, of: 'subject' } : undefined,
    },
  ]
}

/** What one stream of many chunks leaves behind. */
async function growthOfLongStream(): Promise<Result> {
  const grown = await withFreshContenders(async ({ relay, rawNode }) => ({
    baseline: await growth(rawNode, 'chat'),
    subject: await growth(relay, 'messages'),
  }))
  return {
    what: 'growth by one converting stream of 100,000 chunks',
    unit: 'MB',
    ...compared(grown),
    goal: { number: 6, goal: 25, reach: 25, of: 'subject' },
  }
}

async function growth(process: MeasuredProcess, format: 'chat' | 'messages'): Promise<number> {
  const client = createClient(process.url)
  const warm = { ...LONG, chunks: 5000 }
  await askMany(client, { format, account: 'chat', plan: warm }, { requests: 20, atOnce: 4 })
  const before = await process.memory()
  await client.ask({ format, account: 'chat', plan: LONG })
  const after = await process.memory()
  await client.close()
  return Math.max(0, after - before) / MEGABYTE
}

async function withFreshContenders<Value>(use: (contenders: Contenders) => Promise<Value>): Promise<Value> {
  const contenders = await startContenders()
  try {
    return await use(contenders)
  } finally {
    await contenders.stop()
  }
}

interface Taken {
  /** Bytes for each stream of the crowd. */
  readonly perStream: number
  /** Bytes of the whole process while the crowd is there. */
  readonly during: number
}

/** A few streams load and compile what is needed before the crowd comes. */
async function takenBy(process: MeasuredProcess, question: Question, streams: number): Promise<Taken> {
  const client = createClient(process.url)
  await askMany(client, { ...question, plan: { ...SLOW, intervalMs: 5 } }, { requests: 200, atOnce: 10 })
  await sleep(SETTLE_MS)
  const before = await process.memory()
  const crowd = askMany(client, question, { requests: streams, atOnce: streams })
  await sleep(SETTLE_MS)
  const during = await process.memory()
  await crowd
  await client.close()
  return { perStream: (during - before) / streams, during }
}
