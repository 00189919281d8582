import * as z from 'zod'

import { accountSchema, accountTestSchema, testStepSchema, upstreamApiSchema } from './accounts.ts'

/** A setting that a probe would change. */
export const probeChangeSchema = z.object({
  path: z.string(),
  before: z.union([z.string(), z.boolean()]).optional(),
  after: z.union([z.string(), z.boolean()]),
})
export type ProbeChangeView = z.infer<typeof probeChangeSchema>

/** `POST /accounts/{id}/probe`: what was found, and what it would change; nothing is changed yet. */
export const accountProbeSchema = z.object({
  apiFormat: upstreamApiSchema,
  model: z.string(),
  /** The test that comes first; where it fails, nothing more is asked. */
  test: accountTestSchema,
  steps: z.array(testStepSchema.extend({ name: z.string() })),
  changes: z.array(probeChangeSchema),
})
export type AccountProbe = z.infer<typeof accountProbeSchema>

/** `POST /accounts/{id}/probe-changes`: writes findings into the account. */
export const probeApplySchema = z.object({ changes: z.array(probeChangeSchema).max(200) })

/** `POST /accounts/{id}/clone` */
export const accountCloneSchema = z.object({ name: z.string().min(1).max(100) })

/** `POST /accounts/bulk` */
export const accountBulkSchema = z.object({
  ids: z.array(z.string()).min(1).max(500),
  action: z.enum(['enable', 'disable', 'pause', 'resume', 'clear-state', 'remove']),
})
export type AccountBulk = z.infer<typeof accountBulkSchema>

/** What became of each; `problem` where it did not work. */
export const bulkOutcomeSchema = z.object({
  outcomes: z.array(z.object({ id: z.string(), name: z.string(), problem: z.string().optional() })),
})
export type BulkOutcome = z.infer<typeof bulkOutcomeSchema>

/** `POST /accounts/export`; credentials are in it only with a passphrase, sealed. */
export const accountExportInputSchema = z.object({
  ids: z.array(z.string()).max(1000).optional(),
  passphrase: z.string().min(12).max(256).optional(),
})

const transferredSchema = z.object({
  /** The settings of an account, as `POST /accounts` takes them, without the credential. */
  account: z.record(z.string(), z.unknown()),
  /** Sealed with the passphrase. */
  credential: z.string().optional(),
})

/** A file of accounts. */
export const accountFileSchema = z.object({
  format: z.literal('relay-accounts'),
  version: z.literal(1),
  exportedAt: z.number(),
  /** How the passphrase becomes a key; absent where no credential is in the file. */
  salt: z.string().optional(),
  accounts: z.array(transferredSchema).max(1000),
})
export type AccountFile = z.infer<typeof accountFileSchema>

/** `POST /accounts/import`: adds those whose names are free. */
export const accountImportInputSchema = z.object({
  file: accountFileSchema,
  passphrase: z.string().max(256).optional(),
})

/** `POST /accounts/import` and what it did, by name. */
export const accountImportSchema = z.object({
  created: z.array(accountSchema.pick({ id: true, name: true })),
  /** Names that were taken, and accounts that were refused, with why. */
  skipped: z.array(z.object({ name: z.string(), why: z.string() })),
})
export type AccountImport = z.infer<typeof accountImportSchema>
