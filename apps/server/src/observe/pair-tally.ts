import type { RequestSample } from './metrics.ts'

/** What converting between two formats took on this node, all requests together. */
export interface PairTally {
  readonly client: string
  readonly upstream: string
  readonly requests: number
  readonly requestMs: number
  readonly answerMs: number
  /** Time in Relay outside of the attempts at upstreams. */
  readonly overheadMs: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly eventsIn: number
  readonly eventsOut: number
  readonly losses: number
}

/** Adds up what converting takes, for the panel; the same samples make the metrics for Prometheus. */
export interface PairTallies {
  observe(sample: RequestSample): void
  /** Most requests first. */
  list(): readonly PairTally[]
  /** Unix time in milliseconds of the first sample that could have been seen. */
  readonly since: number
}

/** Starts at zero; there are as many sums as there are pairs of formats. */
export function createPairTallies(): PairTallies {
  const since = Date.now()
  const tallies = new Map<string, PairTally>()

  function observe({ client, upstream, overheadMs, conversion }: RequestSample): void {
    if (conversion === undefined) return
    const key = `${client} ${upstream}`
    const { requestMs, answerMs, bytesIn, bytesOut, eventsIn, eventsOut, losses } = conversion
    const known = tallies.get(key) ?? { ...NOTHING, client, upstream }
    tallies.set(key, {
      client,
      upstream,
      requests: known.requests + 1,
      requestMs: known.requestMs + requestMs,
      answerMs: known.answerMs + answerMs,
      overheadMs: known.overheadMs + overheadMs,
      bytesIn: known.bytesIn + bytesIn,
      bytesOut: known.bytesOut + bytesOut,
      eventsIn: known.eventsIn + eventsIn,
      eventsOut: known.eventsOut + eventsOut,
      losses: known.losses + losses.length,
    })
  }

  return {
    since,
    observe,
    list: () => [...tallies.values()].toSorted((one, other) => other.requests - one.requests),
  }
}

const NOTHING: Omit<PairTally, 'client' | 'upstream'> = {
  requests: 0,
  requestMs: 0,
  answerMs: 0,
  overheadMs: 0,
  bytesIn: 0,
  bytesOut: 0,
  eventsIn: 0,
  eventsOut: 0,
  losses: 0,
}
