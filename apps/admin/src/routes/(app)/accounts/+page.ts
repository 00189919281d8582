import type { PageLoad } from './$types.js'
import { readAccountFilters } from './filters.ts'
import type { AccountFilters } from './filters.ts'

/** The filters live in the address. */
export const load: PageLoad = ({ url }): { filters: AccountFilters } => ({
  filters: readAccountFilters(url.searchParams),
})
