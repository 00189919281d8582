import * as z from 'zod'

/** Everything that is written down. The panel has words for each in every language. */
export const auditActionSchema = z.enum([
  'session.create',
  'session.refuse',
  'session.password',
  'account.create',
  'account.update',
  'account.remove',
  'account.test',
  'account.clear-state',
  'account.apply-probe',
  'account.enable',
  'account.disable',
  'account.pause',
  'account.resume',
  'account.export',
  'account.import',
  'key.create',
  'key.update',
  'key.rotate',
  'key.revoke',
  'key.restore',
  'key.enable',
  'key.disable',
  'holder.update',
  'holder.remove',
  'admin.create',
  'admin.update',
  'admin.reset-password',
  'admin.remove',
  'token.create',
  'token.remove',
  'loss.accept',
  'loss.refuse',
  'rules.save',
  'rules.shadow',
  'capture.start',
  'capture.stop',
  'capture.read',
  'capture.remove',
  'conversion.send',
  'webhook.create',
  'webhook.update',
  'webhook.remove',
  'prices.update',
  'prices.reset',
  'backup.create',
  'settings.update',
  'data.export',
  'data.import',
  'usage.reprice',
  'backup.restore',
  'encryption-key.rotate',
])
export type AuditAction = z.infer<typeof auditActionSchema>

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
  /** One of `auditActionSchema`, or that of another version. */
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
