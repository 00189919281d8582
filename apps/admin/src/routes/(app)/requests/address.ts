import { requestQuerySchema } from '@relay/server/admin-contract'
import type { RequestQuery } from '@relay/server/admin-contract'

/** The filters a reader can set; they live in the address, so that a view can be shared and kept. */
export type Filters = Pick<RequestQuery, 'keyId' | 'accountId' | 'model' | 'status' | 'reason'>
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
}
const OPEN = 'open'

/** Reads the filters; a value that makes no sense is left out. */
export function readFilters(parameters: URLSearchParams): Filters {
  const filters: Filters = {}
  for (const [name, parameter] of Object.entries(PARAMETERS)) {
    const value = parameters.get(parameter)
    const parsed = requestQuerySchema.safeParse({ [name]: value ?? undefined })
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
  return withParameter(url, PARAMETERS[name], value)
}

/** The address without any filter. */
export function withoutFilters(url: Address): string {
  const changed = new URL(url.href)
  for (const parameter of Object.values(PARAMETERS)) changed.searchParams.delete(parameter)
  return changed.pathname + changed.search
}

/** The address with the detail of a request open, or closed where there is none. */
export function withOpen(url: Address, requestId: string | undefined): string {
  return withParameter(url, OPEN, requestId ?? '')
}

function withParameter(url: Address, parameter: string, value: string): string {
  const changed = new URL(url.href)
  if (value === '') changed.searchParams.delete(parameter)
  else changed.searchParams.set(parameter, value)
  return changed.pathname + changed.search
}
