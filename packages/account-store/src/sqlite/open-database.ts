import { randomUUID } from 'node:crypto'
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import type { KeyRing } from '../crypto/key-ring.ts'
import { makeFolder } from '../make-folder.ts'
import type { Migration } from '../migrate/migrations.ts'
import { MIGRATIONS, usableFrom } from '../migrate/migrations.ts'
import { readNumber } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { Connection } from './connection.ts'
import { openConnection, toStoreError } from './connection.ts'
import { APPLICATION_ID, inspectFile } from './inspect-file.ts'
import { writeFirstMeta } from './meta.ts'

/** The connections of one process. In memory both are the same. */
export interface Database {
  /** Waits for the disk at each commit: accounts, relay keys, admin users. */
  readonly durable: Connection
  /** Does not: usage, leases, account states. */
  readonly fast: Connection
}

/** Where the data set is and what opens it. */
export interface DatabaseOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  readonly box: KeyRing
  /** The steps to the newest schema; those of this package unless a test says otherwise. */
  readonly migrations?: readonly Migration[]
  /** Told before an older data set is copied and upgraded. */
  readonly onUpgrade?: ((message: string) => void) | undefined
}

/**
 * Opens the data set, making it when there is none and upgrading an older one after a backup.
 *
 * @throws StoreError; in that case nothing has been written
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { box, migrations = MIGRATIONS, onUpgrade } = options
  if (options.path === ':memory:') {
    const memory = openConnection({ path: ':memory:' })
    createSchema(memory, { box, migrations })
    return { durable: memory, fast: memory }
  }
  try {
    return openFile({ path: resolve(options.path), box, migrations, onUpgrade })
  } catch (error) {
    throw toStoreError(error)
  }
}

interface FileOptions extends SchemaOptions, Pick<DatabaseOptions, 'path' | 'onUpgrade'> {}

function openFile({ path, box, migrations, onUpgrade }: FileOptions): Database {
  if (!existsSync(path)) createFile(path, { box, migrations })
  inspectFile({ path, box, newestVersion: migrations.length })
  const durable = openConnection({ path, synchronous: 'FULL' })
  try {
    upgrade(durable, { path, migrations, onUpgrade })
    return { durable, fast: openConnection({ path, synchronous: 'NORMAL' }) }
  } catch (error) {
    durable.close()
    throw error
  }
}

interface SchemaOptions {
  readonly box: KeyRing
  readonly migrations: readonly Migration[]
}

function createSchema(connection: Connection, { box, migrations }: SchemaOptions): void {
  connection.transaction(() => {
    connection.execute(`PRAGMA application_id = ${APPLICATION_ID}`)
    for (const step of migrations) applyStep(connection, step)
    writeFirstMeta(connection, box)
    noteUsableFrom(connection, migrations)
  })
}

function noteUsableFrom(connection: Connection, migrations: readonly Migration[]): void {
  connection
    .prepare(
      `INSERT INTO meta (name, value) VALUES ('usable-from', :value) ON CONFLICT (name) DO UPDATE SET value = :value`,
    )
    .run({ value: `${migrations.length}:${usableFrom(migrations)}` })
}

function applyStep(connection: Connection, step: Migration): void {
  connection.execute(step.statements)
  connection.execute(`PRAGMA user_version = ${step.version}`)
}

/**
 * Makes a new data set beside its place and then puts it there in one step. So no half-made file can ever be met, an empty
 * file is always damage, and of two processes that start at once the second uses the first one's.
 */
function createFile(path: string, options: SchemaOptions): void {
  makeFolder(dirname(path))
  const draft = `${path}.new-${randomUUID()}`
  try {
    const connection = openConnection({ path: draft, synchronous: 'FULL' })
    try {
      chmodSync(draft, 0o600)
      connection.execute('PRAGMA journal_mode = WAL')
      createSchema(connection, options)
    } finally {
      connection.close()
    }
    publish(draft, path)
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draft + suffix, { force: true })
  }
  syncFolder(dirname(path))
}

function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch {
    // Another process was faster, or the file system has no hard links.
    if (!existsSync(path)) renameSync(draft, path)
  }
}

/** A power cut must not take the new file's name away. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } catch {
    // Windows and some network file systems cannot sync a folder; there the file system's own order has to do.
  } finally {
    closeSync(handle)
  }
}

interface UpgradeOptions extends Pick<DatabaseOptions, 'path' | 'onUpgrade'> {
  readonly migrations: readonly Migration[]
}

/** The copy may take minutes, so that other processes go on meanwhile; only the steps themselves keep them waiting. */
function upgrade(connection: Connection, { path, migrations, onUpgrade }: UpgradeOptions): void {
  const newest = migrations.length
  const version = readSchemaVersion(connection)
  // A newer one has been found usable: nodes of two versions work side by side.
  if (version >= newest) return
  const megabytes = Math.ceil(statSync(path).size / 1e6)
  onUpgrade?.(
    `the data set is copied (${megabytes} MB), then upgraded from schema version ${version} to ${newest}; this takes some seconds for each GB`,
  )
  const copy = backUp(path, version)
  const isOurs = connection.transaction(() => {
    // Another process may have upgraded meanwhile.
    if (readSchemaVersion(connection) !== version) return false
    for (const step of migrations.slice(version)) applyStep(connection, step)
    noteUsableFrom(connection, migrations)
    return true
  })
  if (!isOurs) rmSync(copy, { force: true }) // whoever was faster has made one before
}

/** The schema version of an open data set. */
export function readSchemaVersion(connection: Connection): number {
  return readNumber(connection.prepare('PRAGMA user_version').get() ?? {}, 'user_version')
}

/** Copies the data set as it is at one moment.
 * @returns where to */
function backUp(path: string, version: number): string {
  const copy = `${path}.before-version-${version + 1}-${new Date().toISOString().replaceAll(':', '')}-${randomUUID().slice(0, 8)}`
  const reader = openConnection({ path, isReadOnly: true })
  try {
    reader.prepare('VACUUM INTO :copy').run({ copy })
    chmodSync(copy, 0o600)
    return copy
  } catch (cause) {
    rmSync(copy, { force: true })
    throw new StoreError('store-unavailable', `the backup ${copy} could not be made; nothing was upgraded`, { cause })
  } finally {
    reader.close()
  }
}
