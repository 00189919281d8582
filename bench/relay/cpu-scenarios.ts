import { compare } from '../measure/interleave.ts'
import type { Goal, Result } from '../measure/result.ts'
import { askMany, createClient, type Load, type Question } from './client.ts'
import type { Contenders } from './contenders.ts'
import type { MeasuredProcess } from './measured-process.ts'

/** Load under which the CPU of a process is measured. */
export interface CpuScenario {
  readonly what: string
  readonly goal: Goal
  readonly unit: string
  readonly load: Load
  /** What the relay is asked. */
  readonly question: Question
  readonly baseline: 'rawNode' | 'limit'
  /** What the baseline is asked, where it differs. */
  readonly baselineQuestion?: Question
  /** Seconds of CPU that the whole load took, in the unit. */
  readonly perUnit: (seconds: number, load: Load) => number
  readonly rounds: number
}

const CHUNKS_LONG = 10_000
const CHUNKS_PACED = 300
const PACKED = { kind: 'text', chunks: CHUNKS_LONG, eventsPerPacket: 270, intervalMs: 0 } as const
const PACED = { kind: 'text', chunks: CHUNKS_PACED, eventsPerPacket: 1, intervalMs: 10 } as const

/** A converted answer: the client speaks Messages, the account Chat. */
const converted = { format: 'messages', account: 'chat' } as const
const sameFormat = { format: 'chat', account: 'chat' } as const

/** The goals that are about CPU; another one is another entry. */
export const CPU_SCENARIOS: readonly CpuScenario[] = [
  {
    what: 'converting stream, many events a packet',
    goal: { number: 3, goal: 1.6, reach: 1.1, of: 'ratio' },
    unit: 's CPU per 100,000 chunks',
    load: { requests: 10, atOnce: 4 },
    question: { ...converted, plan: PACKED },
    baseline: 'limit',
    perUnit: (seconds, { requests }) => (seconds / (requests * CHUNKS_LONG)) * 100_000,
    rounds: 6,
  },
  {
    what: 'converting stream of calls, many events a packet',
    goal: { number: 3, goal: 1.6, reach: 1.1, of: 'ratio' },
    unit: 's CPU per 100,000 chunks',
    load: { requests: 10, atOnce: 4 },
    question: { ...converted, plan: { ...PACKED, kind: 'tools' } },
    baseline: 'limit',
    perUnit: (seconds, { requests }) => (seconds / (requests * CHUNKS_LONG)) * 100_000,
    rounds: 4,
  },
  {
    what: 'converting stream, a packet a chunk',
    goal: { number: 4, goal: 1.3, reach: 1, of: 'ratio' },
    unit: 'µs CPU a chunk',
    load: { requests: 40, atOnce: 40 },
    question: { ...converted, plan: PACED },
    baseline: 'rawNode',
    baselineQuestion: { ...sameFormat, plan: PACED },
    perUnit: (seconds, { requests }) => (seconds / (requests * CHUNKS_PACED)) * 1e6,
    rounds: 3,
  },
  {
    what: 'same-format stream, a packet a chunk',
    goal: { number: 4, goal: 1.15, reach: 1, of: 'ratio' },
    unit: 'µs CPU a chunk',
    load: { requests: 40, atOnce: 40 },
    question: { ...sameFormat, plan: PACED },
    baseline: 'rawNode',
    perUnit: (seconds, { requests }) => (seconds / (requests * CHUNKS_PACED)) * 1e6,
    rounds: 3,
  },
  {
    what: 'same format, whole answer',
    goal: { number: 1, goal: 2, reach: 1, of: 'ratio' },
    unit: 'µs CPU a request',
    load: { requests: 1000, atOnce: 8 },
    question: { ...sameFormat, plan: undefined },
    baseline: 'rawNode',
    perUnit: (seconds, { requests }) => (seconds / requests) * 1e6,
    rounds: 6,
  },
]

/** Measures one scenario: both contenders in turns, each as its own process. */
export async function runCpuScenario(contenders: Contenders, scenario: CpuScenario): Promise<Result> {
  const { what, goal, unit, baseline, question, baselineQuestion = question, rounds } = scenario
  const readsPerChunk: number[] = []
  const {
    subject,
    baseline: base,
    ...rest
  } = await compare(
    async () => {
      const { value, reads } = await measure(contenders.relay, scenario, question)
      readsPerChunk.push(reads)
      return value
    },
    async () => (await measure(contenders[baseline], scenario, baselineQuestion)).value,
    { rounds },
  )
  const reads = readsPerChunk.reduce((sum, each) => sum + each, 0) / readsPerChunk.length
  return {
    what,
    unit,
    goal,
    subject: { name: 'relay', value: subject },
    baseline: { name: baseline === 'limit' ? 'limit' : 'raw-node', value: base },
    ...rest,
    details: { 'reads an answer': reads },
  }
}

interface Measured {
  readonly value: number
  /** Reads with which the client got one answer: how the network packed it. */
  readonly reads: number
}

async function measure(
  process: MeasuredProcess,
  { load, perUnit }: CpuScenario,
  question: Question,
): Promise<Measured> {
  const client = createClient(process.url)
  try {
    const before = await process.cpu()
    const replies = await askMany(client, question, load)
    const seconds = ((await process.cpu()) - before) / 1e6
    const reads = replies.reduce((sum, reply) => sum + reply.reads, 0) / replies.length
    return { value: perUnit(seconds, load), reads }
  } finally {
    await client.close()
  }
}
