import { setTimeout as sleep } from 'node:timers/promises'

import { type Round, summary } from '../measure/interleave.ts'
import type { Goal, Result } from '../measure/result.ts'
import { median, percentile } from '../measure/statistics.ts'
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
/** Of a round. */
const COUNTED = 700
const ROUNDS = 3
const SHARES = [0.5, 0.99]

/** Asks upstream, proxy and relay in turns at a fixed rate, whether or not earlier answers have come. */
export async function runLatencyScenario(contenders: Contenders, scenario: LatencyScenario): Promise<Result[]> {
  const { question, what, goal } = scenario
  const plain: Question = { ...question, format: question.account }
  const lanes = [
    { client: createClient(contenders.upstream.url), question: plain },
    { client: createClient(contenders.rawNode.url), question: plain },
    { client: createClient(contenders.relay.url), question },
  ]
  await askInTurns(lanes, scenario, WARM_UP)
  const rounds: number[][][] = []
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await askInTurns(lanes, scenario, COUNTED))
  await Promise.all(lanes.map(({ client }) => client.close()))
  return SHARES.map((share) => {
    const { subject, baseline, ...rest } = summary(rounds.map((waits) => added(waits, share)).filter(isFigure))
    return {
      what: `${what}, p${share * 100}`,
      unit: 'ms',
      subject: { name: 'relay', value: subject },
      baseline: { name: 'raw-node', value: baseline },
      ...rest,
      goal: goal?.number === 5 && share !== 0.5 ? undefined : goal,
      details: { 'ms without any hop': median(rounds.map(([direct]) => percentile(direct ?? [], share))) },
    }
  })
}

/** What proxy and relay add to the way without them. */
function added([direct, proxy, relay]: readonly number[][], share: number): Round {
  const base = percentile(direct ?? [], share)
  return { subject: [percentile(relay ?? [], share) - base], baseline: [percentile(proxy ?? [], share) - base] }
}

/** A machine that is busy with others may make the way round the proxy the longer one. */
function isFigure({ baseline }: Round): boolean {
  return baseline.every((added) => added > 0)
}

interface Lane {
  readonly client: BenchClient
  readonly question: Question
}

/** @returns what was waited for in each lane */
async function askInTurns(
  lanes: readonly Lane[],
  { waitsFor }: LatencyScenario,
  requests: number,
): Promise<number[][]> {
  const running: Promise<number>[][] = lanes.map(() => [])
  const pauseMs = 1000 / RATE_PER_SECOND / lanes.length
  const begunAt = performance.now()
  for (let turn = 0; turn < requests; turn += 1) {
    for (const [index, { client, question }] of lanes.entries()) {
      await sleep(Math.max(0, begunAt + (turn * lanes.length + index) * pauseMs - performance.now()))
      running[index]?.push(client.ask(question).then(waitsFor))
    }
  }
  return Promise.all(running.map((waits) => Promise.all(waits)))
}
