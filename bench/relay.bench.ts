import { pathToFileURL } from 'node:url'

import { toMarkdown } from './measure/report.ts'
import type { Result } from './measure/result.ts'
import { runBigRequestScenario } from './relay/big-request-scenario.ts'
import { type Contenders, startContenders } from './relay/contenders.ts'
import { CPU_SCENARIOS, runCpuScenario } from './relay/cpu-scenarios.ts'
import { LATENCY_SCENARIOS, type LatencyScenario, runLatencyScenario } from './relay/latency-scenarios.ts'
import { runMemoryScenario } from './relay/memory-scenarios.ts'
import { runStartScenario } from './relay/start-scenario.ts'
import { runTokenDelayScenario } from './relay/token-delay-scenario.ts'
import { warmUp } from './relay/warm-up.ts'

/** One measurement; it takes a minute at most. */
interface Scenario {
  readonly goal: number
  /** @param contenders - they run already, and have served others */
  readonly run: (contenders: Contenders) => Promise<Result[]>
}

const SCENARIOS: readonly Scenario[] = [
  ...CPU_SCENARIOS.map((scenario) => ({
    goal: scenario.goal.number,
    run: async (contenders: Contenders) => [await runCpuScenario(contenders, scenario)],
  })),
  ...LATENCY_SCENARIOS.map((scenario) => ({
    goal: scenario.goal.number,
    run: (contenders: Contenders) => runLatencyScenario(contenders, scenario),
  })),
  { goal: 5, run: runTokenDelayScenario },
  { goal: 6, run: runMemoryScenario },
  { goal: 7, run: runBigRequestScenario },
  { goal: 8, run: runStartScenario },
]

/** What nobody judges, but who starts a relay may want to know. */
function justStarted({ what, ...scenario }: LatencyScenario): LatencyScenario {
  return { ...scenario, what: `${what}, just started`, goal: undefined }
}

/** The server as the full product, against its baselines, each in a process of its own. */
export async function benchRelay(onlyGoal?: number): Promise<Result[]> {
  const chosen = SCENARIOS.filter(({ goal }) => onlyGoal === undefined || goal === onlyGoal)
  if (chosen.length === 0) return []
  const contenders = await startContenders()
  try {
    const results: Result[] = []
    for (const scenario of LATENCY_SCENARIOS.filter(({ goal }) => onlyGoal === undefined || goal.number === onlyGoal))
      results.push(...(await runLatencyScenario(contenders, justStarted(scenario))))
    await warmUp(contenders)
    for (const { run } of chosen) results.push(...(await run(contenders)))
    return results
  } finally {
    await contenders.stop()
  }
}

// `node bench/relay.bench.ts 3` measures goal 3 only.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const goal = process.argv[2]
  process.stdout.write(toMarkdown(await benchRelay(goal === undefined ? undefined : Number(goal))))
}
