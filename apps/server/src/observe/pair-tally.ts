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
  const tallies = new Map<string, Tally>()

  function tallyOf(client: string, upstream: string): Tally {
    const key = `${client} ${upstream}`
    const known = tallies.get(key)
    if (known !== undefined) return known
    const tally = { ...NOTHING, client, upstream }
    tallies.set(key, tally)
    return tally
  }

  function observe({ client, upstream, overheadMs, conversion }: RequestSample): void {
    if (conversion === undefined) return
    const tally = tallyOf(client, upstream)
    tally.requests += 1
    tally.requestMs += conversion.requestMs
    tally.answerMs += conversion.answerMs
    tally.overheadMs += overheadMs
    tally.bytesIn += conversion.bytesIn
    tally.bytesOut += conversion.bytesOut
    tally.eventsIn += conversion.eventsIn
    tally.eventsOut += conversion.eventsOut
    tally.losses += conversion.losses.length
  }

  return {
    since,
    observe,
    list: () =>
      Array.from(tallies.values(), (tally) => ({ ...tally })).toSorted((one, other) => other.requests - one.requests),
  }
}

/** Grows in place: it is added to with every request. */
type Tally = { -readonly [Member in keyof PairTally]: PairTally[Member] }

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
