import { readRange } from '#lib/range/time-range.ts'

import type { PageLoad } from './$types.js'

/** The address says which time is looked at. */
export const load: PageLoad = ({ url }) => ({
  range: readRange(url.searchParams, { now: Date.now(), fallback: 'today' }),
})
