import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { AccountStore } from '@relay/account-store'
import { backUpSqliteStore } from '@relay/account-store'

import type { Config } from '../config/config.ts'
import { writeExportFile } from './export-file.ts'
import { createLineSealer } from './line-sealer.ts'
import { checkExport } from './read-export.ts'

/** A backup that was made and proven. */
export interface MadeBackup {
  readonly path: string
  readonly bytes: number
  /** Of an embedded store: of its file. Of Redis: rows of the export. */
  readonly accounts?: number
  readonly relayKeys?: number
  readonly usageRecords?: number
  readonly rows?: number
}

/** A backup in the folder. */
export interface KeptBackup {
  readonly path: string
  /** When it was made, milliseconds since the epoch. */
  readonly at: number
  readonly bytes: number
}

/** Names that backups get by themselves; files with other names are never removed. */
const BACKUP_NAME = /^relay-\d{8}T\d{6}Z\.(?:db|export\.gz)$/
/** What a process that died has left behind may go after so long. */
const STALE_MS = 3_600_000

/** What a backup needs to know. */
export type BackupConfig = Pick<Config, 'dataDir' | 'redis' | 'storeFile' | 'encryptionKey'>

/** Where backups lie. */
function backupFolder({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'backups')
}

/** The name of a backup that is made now. */
export function backupPath(config: BackupConfig, now: Date = new Date()): string {
  const time = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  return join(backupFolder(config), `relay-${time}.${config.redis === undefined ? 'db' : 'export.gz'}`)
}

/**
 * Makes a backup and proves it. The embedded store is copied as it is; Redis is exported, its secrets sealed under
 * `ENCRYPTION_KEY`.
 *
 * @throws StoreError, ExitError
 */
export async function makeBackup(config: BackupConfig, store: AccountStore, path: string): Promise<MadeBackup> {
  if (config.redis === undefined) {
    await store.flushUsage()
    const facts = await backUpSqliteStore({ path: config.storeFile, to: path, encryptionKey: config.encryptionKey })
    return { path, ...facts }
  }
  const sealer = await createLineSealer({ kind: 'encryption-key', encryptionKey: config.encryptionKey })
  await writeExportFile(path, { store, withUsage: true, sealer })
  const { rows } = await checkExport(path)
  return { path, bytes: (await stat(path)).size, rows }
}

/** The backups of the folder, newest first. */
export async function listBackups(config: Pick<Config, 'dataDir'>): Promise<readonly KeptBackup[]> {
  const folder = backupFolder(config)
  const names = await namesIn(folder)
  const kept = await Promise.all(
    names
      .filter((name) => BACKUP_NAME.test(name))
      .map(async (name): Promise<KeptBackup> => {
        const path = join(folder, name)
        const { mtimeMs, size } = await stat(path)
        return { path, at: mtimeMs, bytes: size }
      }),
  )
  return kept.toSorted((a, b) => b.at - a.at)
}

/** Removes all but the newest backups, and what dead processes have left behind.
 * @returns what was removed */
export async function removeOldBackups(config: Pick<Config, 'dataDir'>, keep: number): Promise<readonly string[]> {
  const old = (await listBackups(config)).slice(keep).map(({ path }) => path)
  const removed = [...old, ...(await listStale(backupFolder(config)))]
  for (const path of removed) await rm(path, { force: true })
  return removed
}

async function listStale(folder: string): Promise<readonly string[]> {
  const partial = (await namesIn(folder)).filter((name) => name.includes('.partial')).map((name) => join(folder, name))
  const ages = await Promise.all(partial.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })))
  return ages.filter(({ at }) => at < Date.now() - STALE_MS).map(({ path }) => path)
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch {
    return [] // no backup was ever made here
  }
}
