import type { PageLoad } from './$types.js'
import { readKeyFilters } from './filters.ts'
import type { KeyFilters } from './filters.ts'

/** The filters live in the address. */
export const load: PageLoad = ({ url }): { filters: KeyFilters } => ({ filters: readKeyFilters(url.searchParams) })
