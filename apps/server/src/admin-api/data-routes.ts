import * as z from 'zod'

import { MAX_UPLOAD_BYTES } from '../upkeep/data-desk.ts'
import { draftIn, draftVariables, openDraftDoor } from '../upkeep/draft.ts'
import { refuse } from './admin-answer.ts'
import type { AdminContext, AdminRooms } from './admin-rooms.ts'
import { auditInputOf } from './audit-note.ts'
import {
  backupFactsSchema,
  crsInputSchema,
  crsOutcomeSchema,
  dataExportInputSchema,
  dataImportInputSchema,
  dataStateSchema,
  exportFactsSchema,
  keyRotatedSchema,
  restoreInputSchema,
  rotateKeyInputSchema,
} from './contract/index.ts'
import type { CrsInput, DataImportInput, Renewing, RestoreInput } from './contract/index.ts'
import { sendErrand } from './data-work.ts'
import type { AdminRouter, Asked } from './router.ts'

const NDJSON = 'application/x-ndjson'
/** Variables by which the command is told secrets. */
const PASSPHRASE = 'RELAY_ERRAND_PASSPHRASE'
const NEW_KEY = 'RELAY_ERRAND_NEW_KEY'
/** Until the end of an answer has reached its reader. */
const FAREWELL_MS = 500

/** What is done to the data set as a whole: the commands `export`, `import`, `restore`, `import-crs` and `rotate-encryption-key`. */
export function addDataRoutes(router: AdminRouter): void {
  addStateRoute(router)
  addExportRoute(router)
  addImportRoutes(router)
  addCrsRoute(router)
  addRotationRoute(router)
}

function addStateRoute({ rooms: { data }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/data',
      summary: 'Says what can be done here with the data set as a whole.',
      role: 'admin',
      scope: 'backup',
      answer: dataStateSchema,
    },
    async () => ({
      obstacle: data.renewal.obstacle,
      canWork: data.errands.isPossible,
      isBusy: data.errands.isBusy,
      hasOwnKey: data.hasOwnKey(),
      maxUploadBytes: MAX_UPLOAD_BYTES,
      last: data.renewal.last,
    }),
  )
}

function addExportRoute({ rooms, add }: AdminRouter): void {
  const { files } = rooms.data
  add(
    {
      method: 'POST',
      path: '/data/export',
      summary: 'Writes everything into a file; with a passphrase the secrets go along, sealed. Answers in lines.',
      role: 'admin',
      scope: 'backup',
      body: dataExportInputSchema,
      produces: NDJSON,
    },
    async (asked) => {
      const { withUsage, passphrase } = asked.body
      const { id, path } = await files.reserve('.gz')
      const words = ['export', '--output', path, ...(withUsage ? [] : ['--no-usage'])]
      if (passphrase !== undefined) words.push('--passphrase-env', PASSPHRASE)
      return sendErrand(rooms, asked, {
        words,
        variables: { [PASSPHRASE]: passphrase },
        outcome: z.object({ rows: z.number(), withSecrets: z.boolean() }),
        finish: (outcome) => ({ file: id, ...outcome }),
        paths: [path],
      })
    },
  )
}

function addImportRoutes({ rooms, add }: AdminRouter): void {
  add(
    {
      method: 'POST',
      path: '/data/import',
      summary:
        'Puts an export in the place of all data, and starts again; a dry run says what it holds. Answers in lines.',
      role: 'admin',
      scope: 'people-only',
      body: dataImportInputSchema,
      produces: NDJSON,
    },
    async (asked) => importData(rooms, asked),
  )
  add(
    {
      method: 'POST',
      path: '/data/restore',
      summary:
        'Puts a backup in the place of all data, and starts again; a dry run says what it holds. Answers in lines.',
      role: 'admin',
      scope: 'people-only',
      body: restoreInputSchema,
      produces: NDJSON,
    },
    async (asked) => restoreData(rooms, asked),
  )
}

async function importData(rooms: AdminRooms, asked: Asked<unknown, DataImportInput>): Promise<Response> {
  const { context, body } = asked
  const { files } = rooms.data
  const path = files.find(body.file)
  if (path === undefined) return missingFile(context)
  if (body.isDryRun) {
    return sendErrand(rooms, asked, { words: ['import', path, '--dry-run'], outcome: exportFactsSchema, paths: [path] })
  }
  if (rooms.data.renewal.obstacle !== undefined) return refuseRenewal(context, 'relay import')
  const config = rooms.data.config()
  const place = await files.reserve('.draft')
  const draft = draftIn(place.path)
  const sealed = body.passphrase === undefined ? [] : ['--passphrase-env', PASSPHRASE]
  return sendErrand(rooms, asked, {
    words: ['import', path, ...sealed],
    variables: { ...draftVariables(draft, config), [PASSPHRASE]: body.passphrase },
    isElsewhere: true,
    tidy: async () => files.remove(place.id),
    outcome: z.object({ rows: z.number() }),
    finish: async ({ rows }): Promise<Renewing> => {
      const oneTimePassword = await openDraftDoor(draft, config)
      const deed = { action: 'data.import', after: { objects: rows } } as const
      const audit = auditInputOf(rooms, { context, caller: asked.caller, deed })
      askLater(rooms, { from: draft.storeFile, leftovers: [draft.folder, path], audit })
      return { isStarting: true, oneTimePassword }
    },
    paths: [path, draft.storeFile, draft.folder],
  })
}

async function restoreData(rooms: AdminRooms, asked: Asked<unknown, RestoreInput>): Promise<Response> {
  const { context, body } = asked
  const path = await findBackup(rooms, body)
  if (path === undefined) return missingFile(context)
  if (!body.isDryRun && rooms.data.renewal.obstacle !== undefined) return refuseRenewal(context, 'relay restore')
  const uploaded = body.file === undefined ? [] : [path]
  return sendErrand(rooms, asked, {
    words: ['restore', path, '--dry-run'],
    outcome: backupFactsSchema,
    finish: (facts): object => {
      if (body.isDryRun) return facts
      const deed = { action: 'backup.restore', after: { from: body.backup ?? 'an uploaded file' } } as const
      const audit = auditInputOf(rooms, { context, caller: asked.caller, deed })
      askLater(rooms, { from: path, leftovers: uploaded, audit })
      return { isStarting: true } satisfies Renewing
    },
    paths: uploaded,
  })
}

async function findBackup({ backups, data }: AdminRooms, { backup, file }: RestoreInput): Promise<string | undefined> {
  if (file !== undefined) return data.files.find(file)
  return (await backups.list()).find(({ path }) => path === backup)?.path
}

/** The reader hears of it before the server ends. */
function askLater({ data }: AdminRooms, ...[replacement]: Parameters<AdminRooms['data']['renewal']['ask']>): void {
  setTimeout(() => data.renewal.ask(replacement), FAREWELL_MS)
}

function addCrsRoute({ rooms, add }: AdminRouter): void {
  add(
    {
      method: 'POST',
      path: '/data/import-crs',
      summary:
        'Takes over from Claude Relay Service, from its export or its Redis; a dry run says what becomes of everything. Answers in lines.',
      role: 'admin',
      scope: 'people-only',
      body: crsInputSchema,
      produces: NDJSON,
    },
    async (asked) => {
      const { body, context } = asked
      const source = sourceOf(rooms, body)
      if (source === undefined) return missingFile(context)
      if (!body.isDryRun && body.encryptionKey === undefined) {
        const message = 'encryptionKey: without the ENCRYPTION_KEY of the origin nothing can be taken over.'
        return refuse(context, { code: 'invalid-request', message, field: 'encryptionKey' })
      }
      const zone = body.timeZone === undefined ? [] : ['--time-zone', body.timeZone]
      return sendErrand(rooms, asked, {
        words: ['import-crs', ...source.words, ...zone, ...(body.isDryRun ? ['--dry-run'] : [])],
        variables: { CRS_ENCRYPTION_KEY: body.encryptionKey, CRS_REDIS_PASSWORD: source.password },
        outcome: crsOutcomeSchema,
        paths: body.redis === undefined ? source.words : [],
      })
    },
  )
}

interface CrsSource {
  readonly words: readonly string[]
  readonly password?: string | undefined
}

/** The origin's data: a password in an address goes by its variable, as arguments can be seen. */
function sourceOf({ data }: AdminRooms, { file, redis }: CrsInput): CrsSource | undefined {
  if (redis === undefined) {
    const path = file === undefined ? undefined : data.files.find(file)
    return path === undefined ? undefined : { words: [path] }
  }
  if (!URL.canParse(redis.url)) return undefined
  const url = new URL(redis.url)
  const password = redis.password ?? decodeURIComponent(url.password)
  url.password = ''
  return { words: ['--redis', url.href, '--through-guard'], password }
}

function addRotationRoute({ rooms, add }: AdminRouter): void {
  add(
    {
      method: 'POST',
      path: '/data/rotate-key',
      summary:
        'Seals all secrets under another ENCRYPTION_KEY while requests go on; can be repeated. Answers in lines.',
      role: 'admin',
      scope: 'people-only',
      body: rotateKeyInputSchema,
      produces: NDJSON,
    },
    async (asked) => {
      const { newKey } = asked.body
      if (newKey === undefined && !rooms.data.hasOwnKey()) {
        const message = 'newKey: Relay has not made the present key, so it cannot make the next one.'
        return refuse(asked.context, { code: 'invalid-request', message, field: 'newKey' })
      }
      return sendErrand(rooms, asked, {
        words: ['rotate-encryption-key', ...(newKey === undefined ? [] : ['--new-key-env', NEW_KEY])],
        variables: { [NEW_KEY]: newKey },
        outcome: keyRotatedSchema,
        // This process was started with the key that is no longer in force: started again, it would not open the data set.
        finish: (outcome) => {
          if (newKey !== undefined) rooms.data.renewal.block('key-changed')
          return outcome
        },
      })
    },
  )
}

function missingFile(context: AdminContext): Response {
  return refuse(context, { code: 'not-found', message: 'There is no such file here; choose it once more.' })
}

function refuseRenewal(context: AdminContext, command: string): Response {
  const message = `This server cannot change its data set while it runs: stop every server on it and use ${command}.`
  return refuse(context, { code: 'conflict', message })
}
