import type { PageLoad } from './$types.js'

export const load: PageLoad = ({ params }): { id: string } => ({ id: params.id })
