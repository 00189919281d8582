import type { PageLoad } from './$types.js'
import { readFilters, readOpen } from './address.ts'

/** The address says what is shown. */
export const load: PageLoad = ({ url }) => ({
  filters: readFilters(url.searchParams),
  open: readOpen(url.searchParams),
})
