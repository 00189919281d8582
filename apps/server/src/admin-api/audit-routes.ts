import type { AuditEntry } from '@relay/account-store'

import { auditPageSchema, auditQuerySchema } from './contract/index.ts'
import type { AuditEntryView } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** The log of what admins, their programs and the command did. */
export function addAuditRoutes({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/audit',
      summary: 'Lists what was done, newest first: who, what, when, from where, and what changed.',
      role: 'auditor',
      scope: 'audit:read',
      query: auditQuerySchema,
      answer: auditPageSchema,
    },
    async ({ query }) => {
      const { entries, nextCursor } = await store.listAudit(query)
      return { entries: entries.map(toView), nextCursor }
    },
  )
}

function toView({ actor, before, after, ...entry }: AuditEntry): AuditEntryView {
  return {
    ...entry,
    actor: { ...actor },
    before: before === undefined ? undefined : { ...before },
    after: after === undefined ? undefined : { ...after },
  }
}
