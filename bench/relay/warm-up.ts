import { askMany, createClient, type Question } from './client.ts'
import type { Contenders } from './contenders.ts'
import type { MeasuredProcess } from './measured-process.ts'

const SHORT = { kind: 'text', chunks: 3, eventsPerPacket: 1, intervalMs: 2 } as const
const sameFormat = { format: 'chat', account: 'chat' } as const

/** As many as an engine needs before it has compiled, for good, what runs once a request. */
const LOADS: readonly { readonly question: Question; readonly requests: number }[] = [
  { question: { ...sameFormat, plan: undefined }, requests: 14_000 },
  { question: { ...sameFormat, plan: SHORT }, requests: 4000 },
  { question: { format: 'messages', account: 'chat', plan: SHORT }, requests: 4000 },
]

/**
 * Gives the relay and the plain proxy the same work before they are measured. Goals are about a relay at work, which answers
 * millions: one that has just started compiles itself meanwhile, and that is a second or two of CPU time once.
 */
export async function warmUp({ relay, rawNode }: Contenders): Promise<void> {
  for (const { question, requests } of LOADS) {
    await work(rawNode, { ...question, format: question.account }, requests)
    await work(relay, question, requests)
  }
}

async function work({ url }: MeasuredProcess, question: Question, requests: number): Promise<void> {
  const client = createClient(url)
  await askMany(client, question, { requests, atOnce: 8 })
  await client.close()
}
