import { refuse } from './admin-answer.ts'
import type { AdminRooms } from './admin-rooms.ts'
import {
  nameQuerySchema,
  nameListSchema,
  requestDetailSchema,
  requestExportQuerySchema,
  requestPageSchema,
  requestQuerySchema,
} from './contract/index.ts'
import type { NameList } from './contract/index.ts'
import { findExampleModel } from './example-model.ts'
import { exportRequests } from './request-export.ts'
import { describeRequest, summariseRequest } from './request-view.ts'
import type { AdminRouter } from './router.ts'

/** The latest requests, one of them, and what they can be filtered by. */
export function addRequestRoutes({ rooms, add }: AdminRouter): void {
  const { store } = rooms
  add(
    {
      method: 'GET',
      path: '/requests',
      summary: 'Lists requests, newest first; fields of the query must all hold.',
      role: 'auditor',
      scope: 'requests:read',
      query: requestQuerySchema,
      answer: requestPageSchema,
    },
    async ({ query }) => {
      const { records, nextCursor } = await store.listUsage(query)
      return { requests: records.map(summariseRequest), nextCursor }
    },
  )
  add(
    {
      method: 'GET',
      path: '/requests/export',
      summary: 'The requests that are meant as a file, newest first; at most 100,000.',
      role: 'auditor',
      scope: 'requests:read',
      query: requestExportQuerySchema,
      produces: 'text/csv',
    },
    async ({ context, query: { format, ...filter } }) => exportRequests(store, context, { filter, format }),
  )
  add(
    {
      method: 'GET',
      path: '/requests/:id',
      summary: 'Shows all that is known of one request.',
      role: 'auditor',
      scope: 'requests:read',
      answer: requestDetailSchema,
    },
    async ({ context, part }) => {
      const record = await store.getUsage(part('id'))
      if (record === undefined)
        return refuse(context, { code: 'not-found', message: 'There is no record of this request.' })
      return describeRequest(record, await store.getCapture(record.requestId))
    },
  )
  add(
    {
      method: 'GET',
      path: '/names',
      summary: 'Names what requests can be filtered by, and a model to try.',
      role: 'auditor',
      scope: 'requests:read',
      query: nameQuerySchema,
      answer: nameListSchema,
    },
    async ({ query }) => listNames(rooms, query.accountId),
  )
}

async function listNames(
  { store, prices }: Pick<AdminRooms, 'store' | 'prices'>,
  accountId: string | undefined,
): Promise<NameList> {
  // Revoked keys too: their requests are still in the list.
  const [keys, accounts] = await Promise.all([store.listRelayKeys({ includeRevoked: true }), store.listAccounts()])
  return {
    keys: keys.map(toNameEntry),
    accounts: accounts.map(toNameEntry),
    exampleModel: findExampleModel(
      accounts.filter(({ id }) => accountId === undefined || id === accountId),
      prices,
    ),
  }
}

function toNameEntry({ id, name }: { readonly id: string; readonly name: string }): { id: string; name: string } {
  return { id, name }
}
