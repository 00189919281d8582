import { randomUUID } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

import { makeFolder } from '../make-folder.ts'
import { StoreError } from '../store-error.ts'
import type { BackupFacts } from './backup-file.ts'
import { verifySqliteFile } from './backup-file.ts'
import type { Connection } from './connection.ts'
import { openConnection, toStoreError } from './connection.ts'

/** What is put in the place of what. */
export interface RestoreOrder {
  /** A backup; it stays as it is. */
  readonly from: string
  /** The embedded store; made when it is not there. */
  readonly path: string
  readonly encryptionKey: string
}

/** What a restore did. */
export interface RestoreOutcome extends BackupFacts {
  /** Where what was there before is kept; `undefined` when there was nothing. */
  readonly keptAs: string | undefined
}

/** A schema version that every process refuses: for a file that has lost its name. */
const GONE_VERSION = 2_147_483_647

/**
 * Puts a backup in the place of the embedded store. No other process may use it meanwhile; what was there is kept
 * beside it.
 *
 * @throws StoreError `store-busy` while another process has the store open, and what the backup is refused for; then nothing has changed
 */
export function restoreSqliteStore({ from, path, encryptionKey }: RestoreOrder): RestoreOutcome {
  const draft = `${path}.${randomUUID().slice(0, 8)}.restoring`
  try {
    const facts = verifySqliteFile({ path: from, encryptionKey })
    makeFolder(dirname(path))
    copyFileSync(from, draft)
    prepareDraft(draft)
    return { ...facts, keptAs: existsSync(path) ? replace(draft, path) : place(draft, path) }
  } catch (error) {
    throw toStoreError(error)
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draft + suffix, { force: true })
  }
}

function prepareDraft(draft: string): void {
  chmodSync(draft, 0o600)
  const connection = openConnection({ path: draft, synchronous: 'FULL' })
  try {
    connection.prepare('PRAGMA journal_mode = WAL').get()
    // Slots of requests that were running then are nobody's; sessions of then are no longer wanted.
    for (const table of ['leases', 'admission_slots', 'running_requests', 'nodes', 'sessions']) {
      connection.execute(`DELETE FROM ${table}`)
    }
  } finally {
    connection.close()
  }
}

function place(draft: string, path: string): undefined {
  renameSync(draft, path)
}

function replace(draft: string, path: string): string {
  const current = openConnection({ path, synchronous: 'FULL' })
  try {
    lockOut(current, path)
    const keptAs = `${path}.before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '')}`
    current.prepare('VACUUM INTO :to').run({ to: keptAs })
    chmodSync(keptAs, 0o600)
    current.execute('PRAGMA journal_mode = MEMORY')
    current.execute('BEGIN EXCLUSIVE')
    renameSync(draft, path)
    // Who waits for the lock holds a file without a name: it must not take that for the store.
    current.execute(`PRAGMA user_version = ${GONE_VERSION}`)
    current.execute('COMMIT')
    return keptAs
  } finally {
    current.close()
  }
}

/** Only the one process that has the file open may switch the log off. */
function lockOut(connection: Connection, path: string): void {
  connection.execute('PRAGMA busy_timeout = 2000')
  const mode = attempt(() => connection.prepare('PRAGMA journal_mode = DELETE').get()?.['journal_mode'])
  if (mode === 'delete') return
  throw new StoreError('store-busy', `another process uses ${path}; stop every server on it, then restore again`)
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch (error) {
    if (StoreError.is(error) && error.code === 'store-busy') return undefined // the caller says what to do
    throw error
  }
}
