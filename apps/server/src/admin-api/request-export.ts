import type { AccountStore, UsageFilter, UsageRecord } from '@relay/account-store'

import type { AdminContext } from './admin-rooms.ts'
import type { Cell } from './csv.ts'
import { sendExport } from './export-answer.ts'
import { describeRequest, summariseRequest } from './request-view.ts'

const PAGE = 500

/** Columns of a table of requests, and what their cells hold. */
export const REQUEST_COLUMNS: readonly (readonly [name: string, cell: (record: UsageRecord) => Cell])[] = [
  ['request_id', ({ requestId }) => requestId],
  ['started_at', ({ startedAt }) => new Date(startedAt).toISOString()],
  ['key', ({ keyName }) => keyName],
  ['owner', ({ owner }) => owner],
  ['team', ({ team }) => team],
  ['account', ({ accountName }) => accountName],
  ['model_asked', ({ modelAsked }) => modelAsked],
  ['model_sent', ({ modelSent }) => modelSent],
  ['model_served', ({ modelServed }) => modelServed],
  ['is_other_model', (record) => summariseRequest(record).isOtherModel],
  ['endpoint', ({ endpoint }) => endpoint],
  ['client_format', ({ clientFormat }) => clientFormat],
  ['upstream_format', ({ upstreamFormat }) => upstreamFormat],
  ['is_stream', ({ isStream }) => isStream],
  ['input_tokens', ({ tokens }) => tokens.inputTokens],
  ['cache_read_tokens', ({ tokens }) => tokens.cacheReadTokens],
  ['cache_write_5m_tokens', ({ tokens }) => tokens.cacheWrite5mTokens],
  ['cache_write_1h_tokens', ({ tokens }) => tokens.cacheWrite1hTokens],
  ['cache_write_other_tokens', ({ tokens }) => tokens.cacheWriteOtherTokens],
  ['output_tokens', ({ tokens }) => tokens.outputTokens],
  ['reasoning_tokens', ({ tokens }) => tokens.reasoningTokens],
  ['usage_source', ({ usageSource }) => usageSource],
  ['cost_micro_usd', ({ costMicroUsd }) => costMicroUsd],
  ['cost_source', ({ costSource }) => costSource],
  ['status', ({ status }) => status],
  ['reason', ({ reason }) => reason],
  ['attempts', ({ attempts }) => attempts.length],
  ['first_token_ms', ({ firstTokenMs }) => firstTokenMs],
  ['duration_ms', ({ durationMs }) => durationMs],
  ['losses', ({ losses }) => losses.map(({ code, path }) => `${code} ${path}`.trim()).join('; ')],
  ['session_id', ({ sessionId }) => sessionId],
  ['client', ({ client }) => client],
  [
    'tags',
    ({ tags }) =>
      Object.entries(tags)
        .map((tag) => tag.join('='))
        .join('; '),
  ],
  ['error', ({ errorMessage }) => errorMessage],
]

/** The requests that are meant, newest first, as a file. */
export function exportRequests(
  store: AccountStore,
  context: AdminContext,
  { filter, format }: { readonly filter: UsageFilter; readonly format: 'csv' | 'json' },
): Response {
  if (format === 'json') {
    const pages = mapPages(readPages(store, filter))
    return sendExport(context, { name: 'requests', format, columns: [], cellsOf: () => [], pages })
  }
  return sendExport(context, {
    name: 'requests',
    format,
    columns: REQUEST_COLUMNS.map(([name]) => name),
    cellsOf: (record) => REQUEST_COLUMNS.map(([, cell]) => cell(record)),
    pages: readPages(store, filter),
  })
}

/** All records that are meant, newest first, a page at a time. */
export async function* readPages(
  store: AccountStore,
  filter: UsageFilter,
): AsyncGenerator<readonly UsageRecord[], void> {
  let cursor: string | undefined
  do {
    const page = await store.listUsage({ ...filter, limit: PAGE, cursor })
    yield page.records
    cursor = page.nextCursor
  } while (cursor !== undefined)
}

async function* mapPages(pages: AsyncIterable<readonly UsageRecord[]>): AsyncGenerator<readonly object[], void> {
  for await (const records of pages)
    yield records.map((record) => {
      const { isCaptured: _isCaptured, ...detail } = describeRequest(record, undefined)
      return detail
    })
}
