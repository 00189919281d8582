import type { UsageLatency, UsageLoss, UsageLossCount } from './usage-record.ts'

/** The values at which half, and 95 %, of all are at most. */
export function percentiles(values: readonly number[]): UsageLatency['durationMs'] {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number | undefined => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  return { p50: at(0.5), p95: at(0.95) }
}

/** How many requests lost what, the most frequent first. A loss that happened several times in a request counts once. */
export function countLossesByCode(requests: readonly (readonly UsageLoss[])[]): readonly UsageLossCount[] {
  const counts = new Map<string, UsageLossCount>()
  for (const losses of requests) {
    const open = losses.filter(({ isAccepted }) => isAccepted !== true)
    for (const [key, { code, level }] of new Map(open.map((loss) => [`${loss.code} ${loss.level}`, loss]))) {
      counts.set(key, { code, level, requests: (counts.get(key)?.requests ?? 0) + 1 })
    }
  }
  return [...counts.values()].toSorted((a, b) => b.requests - a.requests)
}
