import type { AdminUsageSums, RequestFilter, UsageGroup, UsageSpan } from '@relay/server/admin-contract'

import { readRange, spanOf, spansFor } from '#lib/range/time-range.ts'
import type { TimeRange } from '#lib/range/time-range.ts'

/** What is counted. */
export const METRICS = ['cost', 'requests', 'failed', 'input', 'cached', 'output', 'tokens'] as const
export type Metric = (typeof METRICS)[number]

/** What can be grouped by here. */
export const GROUPS = [
  'key',
  'owner',
  'team',
  'account',
  'model-served',
  'model-asked',
  'session',
  'tag',
  'client',
  'client-format',
  'upstream-format',
] as const satisfies readonly UsageGroup[]
export type Group = (typeof GROUPS)[number]

/** What the page is asked to show; all of it stands in the address. */
export interface UsageQuestion {
  readonly range: TimeRange
  readonly metric: Metric
  readonly group: Group
  readonly subgroup: Group | undefined
  readonly tagName: string
  /** Length of a bar; as fits the range unless chosen. */
  readonly span: UsageSpan
  readonly isSpanChosen: boolean
}

/** The filter that means one value of a group; `undefined` where there is none. */
export const FILTER_OF: Readonly<Partial<Record<Group, keyof RequestFilter>>> = {
  key: 'keyId',
  owner: 'owner',
  team: 'team',
  account: 'accountId',
  'model-served': 'model',
  'model-asked': 'model',
  session: 'sessionId',
  tag: 'tag',
  'client-format': 'clientFormat',
  'upstream-format': 'upstreamFormat',
}

/** Reads what an address asks for; nonsense is left out. */
export function readQuestion(parameters: URLSearchParams, now: number): UsageQuestion {
  const group = GROUPS.find((name) => name === parameters.get('by')) ?? 'key'
  const range = readRange(parameters, { now, fallback: '30d' })
  const chosen = spansFor(range).find((name) => name === parameters.get('span'))
  return {
    range,
    span: chosen ?? spanOf(range),
    isSpanChosen: chosen !== undefined,
    metric: METRICS.find((name) => name === parameters.get('show')) ?? 'cost',
    group,
    subgroup: GROUPS.find((name) => name === parameters.get('and') && name !== group && FILTER_OF[group] !== undefined),
    tagName: (parameters.get('tag') ?? '').slice(0, 100),
  }
}

/** One number out of sums. */
export function valueOf({ requests, requestsFailed, costMicroUsd, tokens }: AdminUsageSums, metric: Metric): number {
  const written =
    (tokens.cacheWrite5mTokens ?? 0) + (tokens.cacheWrite1hTokens ?? 0) + (tokens.cacheWriteOtherTokens ?? 0)
  const input = (tokens.inputTokens ?? 0) + written
  switch (metric) {
    case 'cost':
      return costMicroUsd
    case 'requests':
      return requests
    case 'failed':
      return requestsFailed
    case 'input':
      return input
    case 'cached':
      return tokens.cacheReadTokens ?? 0
    case 'output':
      return tokens.outputTokens ?? 0
    case 'tokens':
      return input + (tokens.cacheReadTokens ?? 0) + (tokens.outputTokens ?? 0)
  }
}
