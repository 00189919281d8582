import type { AdminUsageBreakdown, RequestFilter, UsedPrices } from '@relay/server/admin-contract'

import { api } from '#lib/api/client.ts'
import { ownTimeZone } from '#lib/range/time-range.ts'

import { FILTER_OF, valueOf } from './question.ts'
import type { Group, UsageQuestion } from './question.ts'

export type UsageLine = AdminUsageBreakdown['lines'][number]

/** One group, and what it is made of where a second group was asked for. */
export interface GroupTotal {
  readonly line: UsageLine
  readonly parts: readonly UsageLine[]
}

/** Everything the page shows. */
export interface UsageData {
  readonly question: UsageQuestion
  readonly totals: readonly GroupTotal[]
  /** By span and group. */
  readonly trend: readonly UsageLine[]
  readonly usageSources: readonly UsageLine[]
  readonly costSources: readonly UsageLine[]
  readonly prices: UsedPrices
}

/** Groups that are shown with their parts: each costs a question. */
const MAX_SPLIT = 12

/** Asks for all of it at once. @throws ApiError */
export async function loadUsage(question: UsageQuestion, signal: AbortSignal): Promise<UsageData> {
  const { range, group, subgroup, tagName, metric, span } = question
  const time = { from: range.from, before: range.before }
  const named = (name: Group) => (name === 'tag' ? { group: name, tagName } : { group: name })
  const ask = async (filter: RequestFilter, name: Group): Promise<readonly UsageLine[]> =>
    name === 'tag' && tagName === '' ? [] : (await api.breakDownUsage({ ...filter, ...named(name) }, signal)).lines

  const [lines, trend, usageSources, costSources, prices] = await Promise.all([
    ask(time, group),
    group === 'tag' && tagName === ''
      ? { lines: [] }
      : api.breakDownUsage({ ...time, ...named(group), span, timeZone: ownTimeZone() }, signal),
    api.breakDownUsage({ ...time, group: 'usage-source' }, signal),
    api.breakDownUsage({ ...time, group: 'cost-source' }, signal),
    api.listUsedPrices(time, signal),
  ])
  const sorted = lines.toSorted((one, other) => valueOf(other.sums, metric) - valueOf(one.sums, metric))
  const totals = await Promise.all(
    sorted.map(async (line, index) => {
      const filter = subgroup === undefined || index >= MAX_SPLIT ? undefined : filterOf(question, line)
      const parts = filter === undefined || subgroup === undefined ? [] : await ask({ ...time, ...filter }, subgroup)
      return { line, parts: parts.toSorted((one, other) => valueOf(other.sums, metric) - valueOf(one.sums, metric)) }
    }),
  )
  return {
    question,
    totals,
    trend: trend.lines,
    usageSources: usageSources.lines,
    costSources: costSources.lines,
    prices,
  }
}

/** The filter that means this group alone; `undefined` where it cannot be said. */
export function filterOf({ group, tagName }: UsageQuestion, { group: value }: UsageLine): RequestFilter | undefined {
  const name = FILTER_OF[group]
  if (name === undefined || value === undefined) return undefined
  return { [name]: group === 'tag' ? `${tagName}:${value}` : value }
}
