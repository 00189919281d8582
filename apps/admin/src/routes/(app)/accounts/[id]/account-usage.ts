import type { AdminUsageBreakdown } from '@relay/server/admin-contract'

import type { ChartData } from '#lib/chart/chart-data.ts'

/** How the parts of a chart are called. */
interface SeriesWords {
  readonly good: string
  readonly failed: string
}

/** Days before today that are shown, today included. */
const DAYS = 30

/** Midnight of the first day that is shown. */
export function firstDay(now: number): number {
  const today = new Date(now)
  return new Date(today.getFullYear(), today.getMonth(), today.getDate() - DAYS + 1).getTime()
}

/** Requests of each day, those that went well and those that did not; a day without a line has none. */
export function toChart({ lines }: AdminUsageBreakdown, now: number, words: SeriesWords): ChartData {
  const first = new Date(firstDay(now))
  const edges = Array.from({ length: DAYS + 1 }, (_, day) =>
    new Date(first.getFullYear(), first.getMonth(), first.getDate() + day).getTime(),
  )
  const sums = new Map(lines.map((line) => [line.startsAt, line.sums]))
  const days = edges.slice(0, -1).map((startsAt) => sums.get(startsAt))
  return {
    edges,
    series: [
      {
        id: 'good',
        label: words.good,
        colour: 'var(--good)',
        values: days.map((day) => (day === undefined ? 0 : day.requests - day.requestsFailed)),
      },
      { id: 'failed', label: words.failed, colour: 'var(--bad)', values: days.map((day) => day?.requestsFailed ?? 0) },
    ],
  }
}
