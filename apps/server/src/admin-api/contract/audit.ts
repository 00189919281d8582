import { z } from 'zod'

/** One thing that was done. */
export const auditEntrySchema = z.object({
  id: z.string(),
  at: z.number(),
  actor: z.object({
    kind: z.enum(['user', 'token', 'command', 'system']),
    name: z.string(),
    /** The name of the token that was used. */
    token: z.string().optional(),
  }),
  /** e.g. `account.update` */
  action: z.string(),
  object: z.object({ kind: z.string(), id: z.string(), name: z.string() }).optional(),
  address: z.string().optional(),
  /** The fields that changed, as they were. */
  before: z.record(z.string(), z.unknown()).optional(),
  /** The fields that changed, as they are. */
  after: z.record(z.string(), z.unknown()).optional(),
})
export type AuditEntryView = z.infer<typeof auditEntrySchema>

/** Query of `GET /audit`; fields that are there must all hold. */
export const auditQuerySchema = z.object({
  actor: z.string().min(1).max(200).optional(),
  /** A whole action such as `account.update`, or the part before its dot. */
  action: z.string().min(1).max(200).optional(),
  objectKind: z.string().min(1).max(200).optional(),
  objectId: z.string().min(1).max(200).optional(),
  from: z.coerce.number().int().min(0).optional(),
  before: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
  cursor: z.string().min(1).max(100).optional(),
})
export type AuditQueryView = z.infer<typeof auditQuerySchema>

/** `GET /audit`: one page, newest first. */
export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  /** Hand this back as `cursor` for older ones; absent when there are none. */
  nextCursor: z.string().optional(),
})
export type AuditPageView = z.infer<typeof auditPageSchema>
