import type { UsageBreakdown, UsageBreakdownQuery } from '@relay/account-store'

import {
  requestFilterSchema,
  usageBreakdownQuerySchema,
  usageBreakdownSchema,
  usageExportQuerySchema,
  usageSummarySchema,
  usedPricesSchema,
} from './contract/index.ts'
import { sendExport } from './export-answer.ts'
import type { AdminRouter } from './router.ts'
import { breakDown, listUsedPrices, SUM_COLUMNS, sumCells, summariseUsage } from './usage-view.ts'

/** Sums over requests: for the dashboard, for charts and tables, and as files. */
export function addUsageRoutes({ rooms, add }: AdminRouter): void {
  const { store } = rooms
  add(
    {
      method: 'GET',
      path: '/usage/summary',
      summary: 'Sums, times to the first token and in all, and the most frequent losses.',
      role: 'auditor',
      scope: 'usage:read',
      query: requestFilterSchema,
      answer: usageSummarySchema,
    },
    async ({ query }) => summariseUsage(store, query),
  )
  add(
    {
      method: 'GET',
      path: '/usage/breakdown',
      summary: 'Sums by spans of time, by a group, or both; at most 10,000 lines.',
      role: 'auditor',
      scope: 'usage:read',
      query: usageBreakdownQuerySchema,
      answer: usageBreakdownSchema,
    },
    async ({ query }) => breakDown(store, toBreakdownQuery(query)),
  )
  add(
    {
      method: 'GET',
      path: '/usage/export',
      summary: 'The same sums as a file.',
      role: 'auditor',
      scope: 'usage:read',
      query: usageExportQuerySchema,
      produces: 'text/csv',
    },
    async ({ context, query: { format, ...query } }) => {
      const pages = onePage(async () => store.breakDownUsage(toBreakdownQuery(query)))
      return sendExport(context, { name: 'usage', format, columns: SUM_COLUMNS, cellsOf: sumCells, pages })
    },
  )
  add(
    {
      method: 'GET',
      path: '/usage/prices',
      summary: 'The price of each model that was used, where it comes from, and the models without one.',
      role: 'auditor',
      scope: 'usage:read',
      query: requestFilterSchema,
      answer: usedPricesSchema,
    },
    async ({ query }) => listUsedPrices({ store, prices: rooms.prices }, query),
  )
}

type Query = ReturnType<typeof usageBreakdownQuerySchema.parse>

function toBreakdownQuery({ span, group, tagName, timeZone, ...filter }: Query): UsageBreakdownQuery {
  return { filter, span, group, tagName, timeZone }
}

async function* onePage(
  read: () => Promise<readonly UsageBreakdown[]>,
): AsyncGenerator<readonly UsageBreakdown[], void> {
  yield await read()
}
