import { askMany, createClient, type Question } from './client.ts'
import type { Contenders } from './contenders.ts'
import { LATENCY_SCENARIOS } from './latency-scenarios.ts'
import type { MeasuredProcess } from './measured-process.ts'

/** As many as an engine needs before it has compiled, for good, what runs once a request. */
const WHOLE_ANSWERS = 14_000
const STREAMS = 4000

/**
 * Gives the relay and the plain proxy the same work before they are measured. Goals are about a relay at work, which answers
 * millions: one that has just started compiles itself meanwhile, and that is a second or two of CPU time once.
 */
export async function warmUp({ relay, rawNode }: Contenders): Promise<void> {
  for (const { question } of LATENCY_SCENARIOS) {
    await work(rawNode, { ...question, format: question.account })
    await work(relay, question)
  }
}

async function work({ url }: MeasuredProcess, question: Question): Promise<void> {
  const client = createClient(url)
  await askMany(client, question, { requests: question.plan === undefined ? WHOLE_ANSWERS : STREAMS, atOnce: 8 })
  await client.close()
}
