import { nameListSchema, requestDetailSchema, requestPageSchema } from '@relay/server/admin-contract'
import type { NameList, RequestDetail, RequestPage, RequestQuery } from '@relay/server/admin-contract'

import { call, writeQuery } from './call.ts'

/** The list of requests and what it can be filtered by. */
export const requestApi = {
  listRequests: (query: RequestQuery, signal?: AbortSignal): Promise<RequestPage> =>
    call({ path: `/requests${writeQuery(query)}`, answer: requestPageSchema, signal }),
  getRequest: (id: string, signal?: AbortSignal): Promise<RequestDetail> =>
    call({ path: `/requests/${encodeURIComponent(id)}`, answer: requestDetailSchema, signal }),
  /** @param accountId - whose model to try is asked for; any account's unless given */
  listNames: (accountId?: string): Promise<NameList> =>
    call({ path: `/names${writeQuery({ accountId })}`, answer: nameListSchema }),
}
