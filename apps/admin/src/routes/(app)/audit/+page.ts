import { auditQuerySchema } from '@relay/server/admin-contract'
import type { AuditQueryView } from '@relay/server/admin-contract'

import type { PageLoad } from './$types.js'

/** The filters live in the address; what is no filter is none. */
export const load: PageLoad = ({ url }): { filters: AuditQueryView } => {
  const text = (name: string): string | undefined => url.searchParams.get(name) || undefined
  const query = { actor: text('actor'), action: text('action'), objectId: text('objectId') }
  return { filters: auditQuerySchema.safeParse(query).data ?? {} }
}
