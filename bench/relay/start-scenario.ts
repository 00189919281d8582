import { compare } from '../measure/interleave.ts'
import { compared, type Result } from '../measure/result.ts'
import { createClient } from './client.ts'
import { type Contenders, startOn, type StartPlace } from './contenders.ts'
import { type MeasuredProcess, startProcess } from './measured-process.ts'

const ROUNDS = 3
const MEGABYTE = 1024 * 1024

/** From the start of the process to its first answer, and what it then takes while nobody asks. */
export async function runStartScenario({ upstream }: Contenders): Promise<Result[]> {
  const place = startOn(upstream.url)
  try {
    let idle = 0
    const start = await compare(
      () =>
        firstAnswer(
          () => place.start(),
          async (relay) => {
            idle = await relay.memory()
          },
        ),
      () => firstAnswer(() => startProcess({ script: 'baselines/raw-node.ts', words: [upstream.url] })),
      { rounds: ROUNDS },
    )
    return [
      {
        what: `start to the first answer${place.isBuilt ? '' : ' (from sources: build first)'}`,
        unit: 'ms',
        goal: { number: 8, goal: 1.8, reach: 1.3, of: 'ratio' },
        subject: { name: 'relay', value: start.subject },
        baseline: { name: 'raw-node', value: start.baseline },
        ratio: start.ratio,
        spread: start.spread,
      },
      await idleMemory(idle, upstream.url),
    ]
  } finally {
    place.remove()
  }
}

async function idleMemory(bytes: number, upstreamUrl: string): Promise<Result> {
  const rawNode = await startProcess({ script: 'baselines/raw-node.ts', words: [upstreamUrl] })
  const baseline = (await rawNode.memory()) / MEGABYTE
  await rawNode.stop()
  const subject = bytes / MEGABYTE
  return {
    what: 'memory while nobody asks, embedded store',
    unit: 'MB',
    goal: { number: 8, goal: 120, reach: 120, of: 'subject' },
    ...compared({ subject, baseline }),
  }
}

/** Milliseconds until a whole answer has come. */
async function firstAnswer(
  start: StartPlace['start'],
  look: (process: MeasuredProcess) => Promise<void> = async () => undefined,
): Promise<number> {
  const begunAt = performance.now()
  const process = await start()
  const client = createClient(process.url)
  try {
    await client.ask({ format: 'chat', account: 'chat', plan: undefined })
    const took = performance.now() - begunAt
    await look(process)
    return took
  } finally {
    await client.close()
    await process.stop()
  }
}
