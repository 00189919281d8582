import * as z from 'zod'

/** Name of an uploaded or made file, as `POST /data/files` and `POST /data/export` give it. */
const fileIdSchema = z.string().min(1).max(100)
/** Control characters cannot be handed on. */
const secretSchema = z
  .string()
  .max(1024)
  .regex(/^[^\p{Cc}]*$/u, 'has control characters')
/** A passphrase is tried offline, so short ones are refused. */
export const MIN_PASSPHRASE_LENGTH = 12

/** `GET /data`: what can be done here with the data set as a whole. */
export const dataStateSchema = z.object({
  /** Why this server cannot put another data set in the place of its own; absent where it can. */
  obstacle: z.enum(['shared-store', 'workers', 'embedded-server', 'key-changed']).optional(),
  /** Whether it can run the command, which does the work. */
  canWork: z.boolean(),
  isBusy: z.boolean(),
  /** Relay has made `ENCRYPTION_KEY` itself, and makes the next one, too. */
  hasOwnKey: z.boolean(),
  maxUploadBytes: z.number(),
  /** How the last replacement of the data set went. */
  last: z.object({ at: z.number(), problem: z.string().optional() }).optional(),
})
export type DataState = z.infer<typeof dataStateSchema>

/** `POST /data/files`: the answer to an upload. */
export const uploadedSchema = z.object({ id: z.string(), bytes: z.number() })
export type Uploaded = z.infer<typeof uploadedSchema>

/** A line of an answer that takes long (`application/x-ndjson`). The last one is `done` or `failed`. */
export const workLineSchema = z.discriminatedUnion('state', [
  /** `count` objects are done. */
  z.object({ state: z.literal('working'), count: z.number() }),
  z.object({ state: z.literal('done'), result: z.unknown() }),
  /** In the words of the command. */
  z.object({ state: z.literal('failed'), message: z.string() }),
])
export type WorkLine = z.infer<typeof workLineSchema>

/** `POST /data/export`. Secrets are in the file only under a passphrase. */
export const dataExportInputSchema = z.object({
  withUsage: z.boolean(),
  passphrase: secretSchema.min(MIN_PASSPHRASE_LENGTH).optional(),
})
export type DataExportInput = z.infer<typeof dataExportInputSchema>

/** What it comes to; the file is at `GET /data/files/{id}` for an hour. */
export const dataExportedSchema = z.object({ file: z.string(), rows: z.number(), withSecrets: z.boolean() })
export type DataExported = z.infer<typeof dataExportedSchema>

/** `POST /data/import`; a dry run says what the file holds. */
export const dataImportInputSchema = z.object({
  file: fileIdSchema,
  passphrase: secretSchema.optional(),
  isDryRun: z.boolean(),
})
export type DataImportInput = z.infer<typeof dataImportInputSchema>

/** What an export holds. */
export const exportFactsSchema = z.object({
  rows: z.number(),
  madeBy: z.string(),
  createdAt: z.string(),
  withUsage: z.boolean(),
  sealedWith: z.enum(['passphrase', 'encryption-key']).optional(),
})
export type ExportFacts = z.infer<typeof exportFactsSchema>

/** Relay starts again with the other data set. */
export const renewingSchema = z.object({
  isStarting: z.literal(true),
  /** The file held no admins: this one may sign in, as `admin`, and has to choose a password. */
  oneTimePassword: z.string().optional(),
})
export type Renewing = z.infer<typeof renewingSchema>

/** `POST /data/restore`: a backup of the list by its path, or an uploaded one. A dry run says what it holds. */
export const restoreInputSchema = z.object({
  backup: z.string().max(4096).optional(),
  file: fileIdSchema.optional(),
  isDryRun: z.boolean(),
})
export type RestoreInput = z.infer<typeof restoreInputSchema>

/** What a backup holds; of Redis only the number of objects is known. */
export const backupFactsSchema = z.object({
  accounts: z.number().optional(),
  relayKeys: z.number().optional(),
  usageRecords: z.number().optional(),
  rows: z.number().optional(),
})
export type BackupFactsView = z.infer<typeof backupFactsSchema>

/** `POST /data/import-crs`: from an uploaded JSON export, or from a Redis that the network guard allows. */
export const crsInputSchema = z.object({
  file: fileIdSchema.optional(),
  redis: z
    .object({
      url: z
        .string()
        .max(2000)
        .regex(/^rediss?:\/\//, 'must begin with redis://'),
      password: secretSchema.optional(),
    })
    .optional(),
  /** `ENCRYPTION_KEY` of the origin; a dry run tells more with it. */
  encryptionKey: secretSchema.optional(),
  timeZone: z.string().min(1).max(100).optional(),
  isDryRun: z.boolean(),
})
export type CrsInput = z.infer<typeof crsInputSchema>

const namedTroubleSchema = z.object({ name: z.string(), trouble: z.string().optional() })

/** What becomes of everything, and after the import what was written. */
export const crsOutcomeSchema = z.object({
  workingAccounts: z.number(),
  allAccounts: z.number(),
  workingKeys: z.number(),
  allKeys: z.number(),
  keysWithoutAccount: z.array(z.string()),
  accounts: z.array(namedTroubleSchema),
  leftBehind: z.array(z.object({ name: z.string(), why: z.string() })),
  keys: z.array(namedTroubleSchema),
  /** Sums by key, day and model. */
  usage: z.number(),
  fields: z.array(
    z.object({
      kind: z.string(),
      field: z.string(),
      fate: z.enum(['carried', 'changed', 'dropped']),
      note: z.string(),
      objects: z.number(),
    }),
  ),
  applied: z
    .object({
      accounts: z.number(),
      keys: z.number(),
      usage: z.number(),
      skipped: z.array(z.object({ kind: z.enum(['account', 'key']), name: z.string(), why: z.string() })),
    })
    .optional(),
})
export type CrsOutcome = z.infer<typeof crsOutcomeSchema>

/** `POST /data/rotate-key`: without a key where Relay makes its own. */
export const rotateKeyInputSchema = z.object({ newKey: secretSchema.min(1).optional() })
export type RotateKeyInput = z.infer<typeof rotateKeyInputSchema>

/** What a rotation did; `unreadable` ones stay as they are. */
export const keyRotatedSchema = z.object({ sealed: z.number(), unreadable: z.number() })
export type KeyRotated = z.infer<typeof keyRotatedSchema>
