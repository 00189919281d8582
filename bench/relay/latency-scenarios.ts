import { setTimeout as sleep } from 'node:timers/promises'

import type { Goal, Result } from '../measure/result.ts'
import { percentile } from '../measure/statistics.ts'
import { type BenchClient, createClient, type Question, type Reply } from './client.ts'
import type { Contenders } from './contenders.ts'

/** What a request waits for: added by the relay, against what the plain proxy adds. */
export interface LatencyScenario {
  readonly what: string
  /** `undefined` = nobody judges it. */
  readonly goal: Goal | undefined
  /** What the relay is asked; the others are asked the same of the format that its account speaks. */
  readonly question: Question
  readonly waitsFor: (reply: Reply) => number
}

const SHORT = { kind: 'text', chunks: 3, eventsPerPacket: 1, intervalMs: 2 } as const
const sameFormat = { format: 'chat', account: 'chat' } as const
const total = ({ totalMs }: Reply): number => totalMs
const first = ({ firstByteMs }: Reply): number => firstByteMs

/** The goals that are about time; another one is another entry. */
export const LATENCY_SCENARIOS: readonly (LatencyScenario & { readonly goal: Goal })[] = [
  {
    what: 'added latency of a whole answer at 100 requests a second',
    goal: { number: 2, goal: 2, reach: 1.2, of: 'ratio' },
    question: { ...sameFormat, plan: undefined },
    waitsFor: total,
  },
  {
    what: 'added time to the first token, same format',
    goal: { number: 5, goal: 2, reach: 1.2, of: 'ratio' },
    question: { ...sameFormat, plan: SHORT },
    waitsFor: first,
  },
  {
    what: 'added time to the first token, converting',
    goal: { number: 5, goal: 2, reach: 1.2, of: 'ratio' },
    question: { format: 'messages', account: 'chat', plan: SHORT },
    waitsFor: first,
  },
]

const RATE_PER_SECOND = 100
const WARM_UP = 200
const COUNTED = 1000

/** Asks upstream, proxy and relay in turns at a fixed rate, whether or not earlier answers have come. */
export async function runLatencyScenario(contenders: Contenders, scenario: LatencyScenario): Promise<Result[]> {
  const { question, waitsFor, what, goal } = scenario
  const plain: Question = { ...question, format: question.account }
  const lanes = [
    { client: createClient(contenders.upstream.url), question: plain, waits: [] as number[] },
    { client: createClient(contenders.rawNode.url), question: plain, waits: [] as number[] },
    { client: createClient(contenders.relay.url), question, waits: [] as number[] },
  ] as const
  const running: Promise<void>[] = []
  const pauseMs = 1000 / RATE_PER_SECOND / lanes.length
  const begunAt = performance.now()
  for (let turn = 0; turn < (WARM_UP + COUNTED) * lanes.length; turn += 1) {
    const lane = lanes[turn % lanes.length] ?? lanes[0]
    await sleep(Math.max(0, begunAt + turn * pauseMs - performance.now()))
    running.push(note(lane, turn >= WARM_UP * lanes.length, waitsFor))
  }
  await Promise.all(running)
  await Promise.all(lanes.map(({ client }) => client.close()))
  const [direct, proxy, relay] = lanes.map(({ waits }) => waits)
  return [0.5, 0.99].map((share) => {
    const base = percentile(direct ?? [], share)
    const subject = percentile(relay ?? [], share) - base
    const baseline = percentile(proxy ?? [], share) - base
    // a machine that is busy with others may make the way round the proxy the longer one: that is no figure
    const ratio = baseline > 0 ? subject / baseline : Number.NaN
    return {
      what: `${what}, p${share * 100}`,
      unit: 'ms',
      subject: { name: 'relay', value: subject },
      baseline: { name: 'raw-node', value: baseline },
      ratio,
      spread: [ratio, ratio],
      goal: goal?.number === 5 && share !== 0.5 ? undefined : goal,
      details: { 'ms without any hop': base },
    }
  })
}

interface Lane {
  readonly client: BenchClient
  readonly question: Question
  readonly waits: number[]
}

async function note(
  { client, question, waits }: Lane,
  counts: boolean,
  waitsFor: (reply: Reply) => number,
): Promise<void> {
  const reply = await client.ask(question)
  if (counts) waits.push(waitsFor(reply))
}
