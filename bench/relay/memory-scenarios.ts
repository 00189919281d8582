import { setTimeout as sleep } from 'node:timers/promises'

import type { Result } from '../measure/result.ts'
import { askMany, createClient, type Question } from './client.ts'
import { type Contenders, startContenders } from './contenders.ts'
import type { MeasuredProcess } from './measured-process.ts'

const STREAMS = 500
/** About two chunks a second, for long enough to be measured in the middle. */
const SLOW = { kind: 'text', chunks: 12, eventsPerPacket: 1, intervalMs: 500 } as const
const SETTLE_MS = 3000

/** Memory that a fresh process takes for each of many slow streams: one that has served a crowd keeps what it took. */
export async function runMemoryScenario(): Promise<Result[]> {
  const results: Result[] = []
  for (const format of ['chat', 'messages'] as const) {
    const { subject, baseline } = await withFreshContenders(async ({ relay, rawNode }) => ({
      baseline: await bytesPerStream(rawNode, { format: 'chat', account: 'chat', plan: SLOW }),
      subject: await bytesPerStream(relay, { format, account: 'chat', plan: SLOW }),
    }))
    const ratio = subject / baseline
    results.push({
      what: `memory of ${STREAMS} slow streams, ${format === 'chat' ? 'same format' : 'converting'}`,
      unit: 'KB a stream',
      subject: { name: 'relay', value: subject / 1024 },
      baseline: { name: 'raw-node', value: baseline / 1024 },
      ratio,
      spread: [ratio, ratio],
      goal: { number: 6, goal: 1.5, reach: 1, of: 'ratio' },
    })
  }
  return results
}

async function withFreshContenders<Value>(use: (contenders: Contenders) => Promise<Value>): Promise<Value> {
  const contenders = await startContenders()
  try {
    return await use(contenders)
  } finally {
    await contenders.stop()
  }
}

/** A few streams load and compile what is needed before the crowd comes. */
async function bytesPerStream(process: MeasuredProcess, question: Question): Promise<number> {
  const client = createClient(process.url)
  await askMany(client, { ...question, plan: { ...SLOW, intervalMs: 5 } }, { requests: 200, atOnce: 10 })
  await sleep(SETTLE_MS)
  const before = await process.memory()
  const crowd = askMany(client, question, { requests: STREAMS, atOnce: STREAMS })
  await sleep(SETTLE_MS)
  const during = await process.memory()
  await crowd
  await client.close()
  return (during - before) / STREAMS
}
