import { pathToFileURL } from 'node:url'

import { toMarkdown } from './measure/report.ts'
import type { Result } from './measure/result.ts'
import { startContenders } from './relay/contenders.ts'
import { CPU_SCENARIOS, runCpuScenario } from './relay/cpu-scenarios.ts'

/** The server as the full product, against its baselines, each in a process of its own. */
export async function benchRelay(onlyGoal?: number): Promise<Result[]> {
  const contenders = await startContenders()
  try {
    const results: Result[] = []
    for (const scenario of CPU_SCENARIOS) {
      if (onlyGoal !== undefined && scenario.goal.number !== onlyGoal) continue
      results.push(await runCpuScenario(contenders, scenario))
    }
    return results
  } finally {
    await contenders.stop()
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(
    toMarkdown(await benchRelay(process.argv[2] === undefined ? undefined : Number(process.argv[2]))),
  )
}
