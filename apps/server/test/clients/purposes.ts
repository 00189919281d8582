import type { UsageRecord } from '@relay/account-store'

import type { Purpose } from './model/scripted-model.ts'
import type { ScenarioRun } from './run-scenario.ts'

/**
 * What the client's requests were for. Counts are seen in Relay's log: where the upstream cannot count, Relay estimates.
 * A search that no account can do is answered by Relay as well, and is seen in its records.
 */
export function purposesOf({ model, accesses, records }: ScenarioRun): readonly Purpose[] {
  const counts = accesses.filter(({ path, status }) => path.endsWith('/count_tokens') && status === 200)
  const asked = model.exchanges.map(({ purpose }) => purpose).filter((purpose) => purpose !== 'count')
  return [
    ...asked,
    ...counts.map(() => 'count' as const),
    ...records.filter(isSearchRefused).map(() => 'web-search' as const),
  ]
}

/** Relay told the client itself, without an upstream, that there is no search. */
export function isSearchRefused({ attempts, status, reason }: UsageRecord): boolean {
  return attempts.length === 0 && status === 200 && reason === 'completed'
}
