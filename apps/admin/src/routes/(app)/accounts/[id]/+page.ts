import type { PageLoad } from './$types.js'

export const load: PageLoad = ({ params, url }): { id: string; isTest: boolean } => ({
  id: params.id,
  isTest: url.searchParams.has('test'),
})
