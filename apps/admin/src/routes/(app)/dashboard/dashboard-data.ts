import type { AccountStrip, AdminUsageBreakdown, ConversionHealth, UsageSummary } from '@relay/server/admin-contract'

import { api } from '#lib/api/client.ts'
import { ownTimeZone, spanOf } from '#lib/range/time-range.ts'
import type { TimeRange } from '#lib/range/time-range.ts'

/** Everything the dashboard shows of a time. */
export interface DashboardData {
  readonly range: TimeRange
  readonly summary: UsageSummary
  readonly trend: AdminUsageBreakdown['lines']
  readonly keys: AdminUsageBreakdown['lines']
  readonly accounts: AdminUsageBreakdown['lines']
  readonly models: AdminUsageBreakdown['lines']
  readonly strip: AccountStrip
  readonly conversion: ConversionHealth
}

/** Asks for all of it at once. @throws ApiError */
export async function loadDashboard(range: TimeRange, signal: AbortSignal): Promise<DashboardData> {
  const time = { from: range.from, before: range.before }
  const by = async (group: 'key' | 'account' | 'model-served') =>
    (await api.breakDownUsage({ ...time, group }, signal)).lines
  const [summary, trend, keys, accounts, models, strip, conversion] = await Promise.all([
    api.summariseUsage(time, signal),
    api.breakDownUsage({ ...time, span: spanOf(range), timeZone: ownTimeZone() }, signal),
    by('key'),
    by('account'),
    by('model-served'),
    api.readAccountStrip(signal),
    api.readConversionHealth(time, signal),
  ])
  return { range, summary, trend: trend.lines, keys, accounts, models, strip, conversion }
}
