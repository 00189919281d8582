import { fitsPattern } from '@relay/account-store'
import type { Account, AccountStore } from '@relay/account-store'

import { refuse } from './admin-answer.ts'
import {
  nameListSchema,
  requestDetailSchema,
  requestExportQuerySchema,
  requestPageSchema,
  requestQuerySchema,
} from './contract/index.ts'
import type { NameList } from './contract/index.ts'
import { exportRequests } from './request-export.ts'
import { describeRequest, summariseRequest } from './request-view.ts'
import type { AdminRouter } from './router.ts'

/** For a first request; most accounts pass every model through or map this one. */
const WELL_KNOWN_MODEL = 'claude-sonnet-4-5'

/** The latest requests, one of them, and what they can be filtered by. */
export function addRequestRoutes({ rooms: { store }, add }: AdminRouter): void {
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
      return describeRequest(record, (await store.getCapture(record.requestId)) !== undefined)
    },
  )
  add(
    {
      method: 'GET',
      path: '/names',
      summary: 'Names what requests can be filtered by, and a model to try.',
      role: 'auditor',
      scope: 'requests:read',
      answer: nameListSchema,
    },
    async () => listNames(store),
  )
}

async function listNames(store: AccountStore): Promise<NameList> {
  // Revoked keys too: their requests are still in the list.
  const [keys, accounts] = await Promise.all([store.listRelayKeys({ includeRevoked: true }), store.listAccounts()])
  return {
    keys: keys.map(toNameEntry),
    accounts: accounts.map(toNameEntry),
    exampleModel: findExampleModel(accounts),
  }
}

/** The well-known model where an enabled account takes it, else one that an account names in full. */
function findExampleModel(accounts: readonly Account[]): string | undefined {
  const patterns = accounts
    .filter(({ enabled }) => enabled)
    .flatMap(({ models }) => (models === undefined ? ['*'] : Object.keys(models)))
  if (patterns.some((pattern) => fitsPattern(pattern, WELL_KNOWN_MODEL))) return WELL_KNOWN_MODEL
  return patterns.find((pattern) => !pattern.includes('*'))
}

function toNameEntry({ id, name }: { readonly id: string; readonly name: string }): { id: string; name: string } {
  return { id, name }
}
