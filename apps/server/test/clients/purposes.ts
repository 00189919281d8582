import type { Purpose } from './model/scripted-model.ts'
import type { ScenarioRun } from './run-scenario.ts'

/** What the client's requests were for. Counts are seen in Relay's log: where the upstream cannot count, Relay estimates. */
export function purposesOf({ model, accesses }: ScenarioRun): readonly Purpose[] {
  const counts = accesses.filter(({ path, status }) => path.endsWith('/count_tokens') && status === 200)
  const asked = model.exchanges.map(({ purpose }) => purpose).filter((purpose) => purpose !== 'count')
  return [...asked, ...counts.map(() => 'count' as const)]
}
