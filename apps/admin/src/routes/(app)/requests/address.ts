import { requestFilterSchema } from '@relay/server/admin-contract'
import type { RequestFilter } from '@relay/server/admin-contract'

import { withParameters } from '#lib/state/with-parameters.ts'

/** The filters a reader can set; they live in the address, so that a view can be shared and kept. */
export type Filters = RequestFilter
/** The name of a filter. */
export type FilterName = keyof Filters

/** An address as the browser shows it. */
interface Address {
  readonly href: string
}

/** Filter by its name in the address. */
const PARAMETERS: Readonly<Record<FilterName, string>> = {
  keyId: 'key',
  accountId: 'account',
  model: 'model',
  status: 'status',
  reason: 'reason',
  owner: 'owner',
  team: 'team',
  usageSource: 'usage',
  costSource: 'cost',
  endpoint: 'endpoint',
  clientFormat: 'client',
  upstreamFormat: 'upstream',
  isStream: 'stream',
  isDemo: 'demo',
  isFailed: 'failed',
  hasLosses: 'losses',
  lossCode: 'loss',
  sessionId: 'session',
  tag: 'tag',
  from: 'from',
  before: 'before',
}
const OPEN = 'open'

/** Reads the filters; a value that makes no sense is left out. */
export function readFilters(parameters: URLSearchParams): Filters {
  const filters: Filters = {}
  for (const [name, parameter] of Object.entries(PARAMETERS)) {
    const value = parameters.get(parameter)
    const parsed = requestFilterSchema.safeParse({ [name]: value === '' ? undefined : (value ?? undefined) })
    if (value !== null && parsed.success) Object.assign(filters, parsed.data)
  }
  return filters
}

/** The request whose detail is open. */
export function readOpen(parameters: URLSearchParams): string | undefined {
  return parameters.get(OPEN) ?? undefined
}

/** The address with one filter set, or taken away where the value is empty. */
export function withFilter(url: Address, name: FilterName, value: string): string {
  return withParameters(url, { [PARAMETERS[name]]: value })
}

/** The address with only requests that arrived within a span of time; without one, of any time. */
export function withTime(url: Address, span: { readonly from: number; readonly before: number } | undefined): string {
  return withParameters(url, { from: span?.from.toString(), before: span?.before.toString() })
}

/** The address without any filter. */
export function withoutFilters(url: Address): string {
  return withParameters(url, Object.fromEntries(Object.values(PARAMETERS).map((name) => [name, undefined])))
}

/** Whether a text is the id of a request, as `x-relay-request-id` names it. */
export function isRequestId(text: string): boolean {
  return /^req_[0-9a-f]{32}$/.test(text)
}

/** The address with the detail of a request open, or closed where there is none. */
export function withOpen(url: Address, requestId: string | undefined): string {
  return withParameters(url, { [OPEN]: requestId })
}
