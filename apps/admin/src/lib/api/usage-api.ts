import {
  accountStripSchema,
  ADMIN_API_PATH,
  conversionHealthSchema,
  repriceSchema,
  usageBreakdownSchema,
  usageSummarySchema,
  usedPricesSchema,
} from '@relay/server/admin-contract'
import type {
  AccountStrip,
  AdminUsageBreakdown,
  ConversionHealth,
  Reprice,
  RepriceInput,
  RequestFilter,
  UsageGroup,
  UsageSpan,
  UsageSummary,
  UsedPrices,
} from '@relay/server/admin-contract'

import { call, writeQuery } from './call.ts'

/** Asks for sums by time, by group, or both. */
export interface BreakdownQuestion extends RequestFilter {
  readonly span?: UsageSpan | undefined
  readonly group?: UsageGroup | undefined
  readonly tagName?: string | undefined
  readonly timeZone?: string | undefined
}

/** Every record of the time is looked at. */
const REPRICE_TIMEOUT_MS = 600_000

/** Sums over requests. */
export const usageApi = {
  summariseUsage: (filter: RequestFilter, signal?: AbortSignal): Promise<UsageSummary> =>
    call({ path: `/usage/summary${writeQuery(filter)}`, answer: usageSummarySchema, signal }),
  breakDownUsage: (question: BreakdownQuestion, signal?: AbortSignal): Promise<AdminUsageBreakdown> =>
    call({ path: `/usage/breakdown${writeQuery(question)}`, answer: usageBreakdownSchema, signal }),
  readAccountStrip: (signal?: AbortSignal): Promise<AccountStrip> =>
    call({ path: '/health/accounts', answer: accountStripSchema, signal }),
  readConversionHealth: (filter: RequestFilter, signal?: AbortSignal): Promise<ConversionHealth> =>
    call({ path: `/health/conversion${writeQuery(filter)}`, answer: conversionHealthSchema, signal }),
  reprice: (body: RepriceInput): Promise<Reprice> =>
    call({ method: 'POST', path: '/usage/reprice', body, answer: repriceSchema, timeoutMs: REPRICE_TIMEOUT_MS }),
  listUsedPrices: (filter: RequestFilter, signal?: AbortSignal): Promise<UsedPrices> =>
    call({ path: `/usage/prices${writeQuery(filter)}`, answer: usedPricesSchema, signal }),
}

/** Address of a download; the browser sends the session with it. */
export function exportPath(kind: 'requests' | 'usage', query: object): string {
  return `${ADMIN_API_PATH}/${kind}/export${writeQuery(query)}`
}
