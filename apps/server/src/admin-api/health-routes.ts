import { accountStripSchema, conversionHealthSchema, requestFilterSchema } from './contract/index.ts'
import { describeAccounts, describeConversion } from './health-view.ts'
import type { AdminRouter } from './router.ts'

/** How accounts and conversions are, for the dashboard. */
export function addHealthRoutes({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/health/accounts',
      summary: 'How every account is now: serving, limited, resting until when, paused, or waiting for a person.',
      role: 'auditor',
      scope: 'accounts:read',
      answer: accountStripSchema,
    },
    async () => describeAccounts(await store.listAccounts(), Date.now()),
  )
  add(
    {
      method: 'GET',
      path: '/health/conversion',
      summary: 'Which fields lost meaning most often, over the newest 2,000 requests of the time that lost some.',
      role: 'auditor',
      scope: 'usage:read',
      query: requestFilterSchema,
      answer: conversionHealthSchema,
    },
    async ({ query }) => describeConversion(store, query),
  )
}
