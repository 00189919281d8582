import { type Round, summary } from '../measure/interleave.ts'
import type { Result } from '../measure/result.ts'
import { percentile } from '../measure/statistics.ts'
import { askMany, createClient, type Question } from './client.ts'
import type { Contenders } from './contenders.ts'
import type { MeasuredProcess } from './measured-process.ts'

/** Some two thousand tokens a second, each in a packet of its own: a busy relay, and far from its limit. */
const CLOCK = { kind: 'clock', chunks: 300, eventsPerPacket: 1, intervalMs: 10 } as const
const STREAMS = 20
const ROUNDS = 7
const SHARE = 0.99
const WAYS = { 'same format': 'chat', converting: 'messages' } as const

/**
 * How long a token is on its way from the upstream to the client, at worst but for one in a hundred: through relay and
 * plain proxy in the same seconds, where one halt of the machine would else decide a round that it meets only one of.
 */
export async function runTokenDelayScenario({ relay, rawNode }: Contenders): Promise<Result[]> {
  const results: Result[] = []
  for (const [way, format] of Object.entries(WAYS)) {
    const atRelay = (): Promise<number> => delayAt(relay, { format, account: 'chat', plan: CLOCK })
    const atBaseline = (): Promise<number> => delayAt(rawNode, { format: 'chat', account: 'chat', plan: CLOCK })
    const rounds: Round[] = []
    for (let round = 0; round <= ROUNDS; round += 1) {
      const [subject, baseline] = await Promise.all([atRelay(), atBaseline()])
      rounds.push({ subject: [subject], baseline: [baseline] })
    }
    const { subject, baseline, ...rest } = summary(rounds.slice(1)) // the first one warms up
    results.push({
      what: `delay of a token, ${way}, p99`,
      unit: 'ms',
      goal: { number: 5, goal: 1.5, reach: 1.2, of: 'ratio' },
      subject: { name: 'relay', value: subject },
      baseline: { name: 'raw-node', value: baseline },
      ...rest,
    })
  }
  return results
}

async function delayAt(process: MeasuredProcess, question: Question): Promise<number> {
  const client = createClient(process.url)
  try {
    const replies = await askMany(client, question, { requests: STREAMS, atOnce: STREAMS })
    const delays = replies.flatMap(({ tokenDelaysMs }) => tokenDelaysMs)
    if (delays.length < STREAMS * CLOCK.chunks) throw new Error(`only ${delays.length} tokens said when they were sent`)
    return percentile(delays, SHARE)
  } finally {
    await client.close()
  }
}
