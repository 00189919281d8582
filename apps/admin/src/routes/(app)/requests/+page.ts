import { readFilters, readOpen } from './address.ts'
import type { PageLoad } from './$types.js'

/** The address says what is shown. */
export const load: PageLoad = ({ url }) => ({ filters: readFilters(url.searchParams), open: readOpen(url.searchParams) })
