import { randomUUID } from 'node:crypto'
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'

import { createKeyRing } from '../crypto/key-ring.ts'
import { makeFolder } from '../make-folder.ts'
import { MIGRATIONS } from '../migrate/migrations.ts'
import { readNumber } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { Connection } from './connection.ts'
import { openConnection, toStoreError } from './connection.ts'
import { inspectFile } from './inspect-file.ts'
import { readSchemaVersion } from './open-database.ts'

/** What is copied, and where to. */
export interface BackupOrder {
  /** The embedded store; other processes may go on with it. */
  readonly path: string
  /** The file to make; its folder is made when it is not there. */
  readonly to: string
  readonly encryptionKey: string
}

/** What a file of the embedded store holds. */
export interface BackupFacts {
  readonly bytes: number
  readonly schemaVersion: number
  readonly accounts: number
  readonly relayKeys: number
  readonly usageRecords: number
}

/**
 * Copies the embedded store while it is in use, and proves the copy: it is whole, and the encryption key opens it. What
 * dies in the middle leaves a file that ends in `.partial`, never half a backup.
 *
 * @throws StoreError, `store-damaged` when the copy is not good
 */
export async function backUpSqliteStore({ path, to, encryptionKey }: BackupOrder): Promise<BackupFacts> {
  const partial = `${to}.${randomUUID().slice(0, 8)}.partial`
  try {
    inspectFile({ path, box: createKeyRing(encryptionKey), newestVersion: MIGRATIONS.length })
    makeFolder(dirname(to))
    await copyPages(path, partial)
    makeStandalone(partial)
    const facts = verifySqliteFile({ path: partial, encryptionKey })
    syncFile(partial)
    renameSync(partial, to)
    return facts
  } catch (error) {
    throw toStoreError(error)
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(partial + suffix, { force: true })
  }
}

/**
 * Looks at a backup, or at a store that nobody uses, and changes nothing.
 *
 * @throws StoreError `not-a-store`, `store-damaged`, `store-too-new`, `wrong-encryption-key`
 */
export function verifySqliteFile({ path, encryptionKey }: Omit<BackupOrder, 'to'>): BackupFacts {
  if (!existsSync(path)) throw new StoreError('not-found', `there is no file ${path}`)
  inspectFile({ path, box: createKeyRing(encryptionKey), newestVersion: MIGRATIONS.length, isBackup: true })
  const connection = openConnection({ path, isReadOnly: true })
  try {
    checkEveryPage(connection, path)
    return {
      bytes: statSync(path).size,
      schemaVersion: readSchemaVersion(connection),
      accounts: countRows(connection, 'accounts'),
      relayKeys: countRows(connection, 'relay_keys'),
      usageRecords: countRows(connection, 'usage_records'),
    }
  } finally {
    connection.close()
  }
}

/** More pages than a file can have at once. */
const ALL_PAGES = 2_147_483_647

/** In one step, on another thread: the copy shows one moment, and requests go on. */
async function copyPages(path: string, to: string): Promise<void> {
  const source = new DatabaseSync(path, { readOnly: true })
  try {
    await backup(source, to, { rate: ALL_PAGES })
  } finally {
    source.close()
  }
}

/** A backup is one file, without a log beside it, that only its owner reads. */
function makeStandalone(path: string): void {
  chmodSync(path, 0o600)
  const connection = openConnection({ path })
  try {
    connection.prepare('PRAGMA journal_mode = DELETE').get()
  } finally {
    connection.close()
  }
}

function checkEveryPage(connection: Connection, path: string): void {
  const answer = connection.prepare('PRAGMA integrity_check(1)').get()
  if (answer?.['integrity_check'] !== 'ok') {
    throw new StoreError('store-damaged', `${path} fails the integrity check; take another backup`)
  }
}

function countRows(connection: Connection, table: string): number {
  return readNumber(connection.prepare(`SELECT count(*) AS count FROM ${table}`).get() ?? {}, 'count')
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
