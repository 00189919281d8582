import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'

import type { KeyRing } from '../crypto/key-ring.ts'
import { readNumber } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { Connection } from './connection.ts'
import { openConnection } from './connection.ts'
import { readMeta, SENTINEL_CONTEXT, SENTINEL_TEXT } from './meta.ts'

/** Marks our files among all SQLite files: "RELY". Source: sqlite.org/fileformat2.html, application id. */
export const APPLICATION_ID = 0x52454c59

/** Up to this size the whole file is checked at each start, which costs a fraction of a second. */
const FULL_CHECK_BYTES = 32 * 1024 * 1024
const HEADER_BYTES = 100
const MAGIC = 'SQLite format 3\0'

/** What to look at. */
export interface Inspection {
  readonly path: string
  readonly box: KeyRing
  /** The newest schema version that this code knows. */
  readonly newestVersion: number
  /** It is one file among several, and not the store that is to be opened: another way out is told. */
  readonly isBackup?: boolean
}

/**
 * Looks at an existing file before anything may write to it.
 *
 * @throws StoreError `not-a-store`, `store-damaged`, `store-too-new`, `wrong-encryption-key`
 */
export function inspectFile(inspection: Inspection): void {
  const { path } = inspection
  const isWhole = checkHeader(inspection)
  const connection = openConnection({ path, isReadOnly: true })
  try {
    checkKind(connection, inspection)
    // Only a file of which the pages are right can be blamed on the key.
    if (!isWhole || statSync(path).size <= FULL_CHECK_BYTES) checkPages(connection, inspection)
    checkSentinel(connection, inspection)
  } finally {
    connection.close()
  }
}

/** Compares the file with what its header says; a file with a write-ahead log may be shorter for a while. */
function checkHeader(inspection: Inspection): boolean {
  const { path } = inspection
  const header = Buffer.alloc(HEADER_BYTES)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, HEADER_BYTES, 0)
  } finally {
    closeSync(file)
  }
  const size = statSync(path).size
  if (size === 0) throw damaged(inspection, 'is empty')
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    const way = inspection.isBackup === true ? ANOTHER_BACKUP : 'name another file or move this one away'
    throw new StoreError('not-a-store', `${path} is not a database; ${way}`)
  }
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16)
  const isWhole = size >= pageBytes * header.readUInt32BE(28)
  if (!isWhole && !hasLog(path)) throw damaged(inspection, 'is cut off')
  return isWhole
}

function hasLog(path: string): boolean {
  return existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0
}

function checkKind(connection: Connection, { path, newestVersion }: Inspection): void {
  const read = (pragma: string): number => readNumber(connection.prepare(`PRAGMA ${pragma}`).get() ?? {}, pragma)
  if (read('application_id') !== APPLICATION_ID) {
    throw new StoreError('not-a-store', `${path} is a database of another program; name another file`)
  }
  const version = read('user_version')
  if (version <= newestVersion || isUsable(connection, { version, newestVersion })) return
  throw new StoreError(
    'store-too-new',
    `${path} has schema version ${version}, this Relay knows up to ${newestVersion}; start the newer Relay or restore a backup`,
  )
}

/** A newer data set says from which version on it can be used: what was only added does not disturb older code. */
function isUsable(connection: Connection, { version, newestVersion }: Readonly<Record<string, number>>): boolean {
  const [of, oldest] = String(readMeta(connection, 'usable-from')).split(':').map(Number)
  return of === version && oldest !== undefined && newestVersion !== undefined && oldest <= newestVersion
}

function checkPages(connection: Connection, inspection: Inspection): void {
  const answer = connection.prepare('PRAGMA quick_check(1)').get()
  if (answer?.['quick_check'] !== 'ok') throw damaged(inspection, 'fails the integrity check')
}

function checkSentinel(connection: Connection, { path, box, isBackup }: Inspection): void {
  const rotation = readMeta(connection, 'rotation')
  box.learn(typeof rotation === 'string' ? rotation : undefined)
  const sentinel = readMeta(connection, 'sentinel')
  if (typeof sentinel === 'string' && box.open(sentinel, SENTINEL_CONTEXT) === SENTINEL_TEXT) return
  throw new StoreError(
    'wrong-encryption-key',
    isBackup === true
      ? `${path} was made under another ENCRYPTION_KEY; that one is needed for it (nothing has been changed)`
      : 'the data set was encrypted under another ENCRYPTION_KEY; start with that one (nothing has been changed)',
  )
}

const ANOTHER_BACKUP = 'take another backup'

function damaged({ path, isBackup }: Inspection, how: string): StoreError {
  const way = isBackup === true ? ANOTHER_BACKUP : 'restore a backup, or move the file away to start anew'
  return new StoreError('store-damaged', `${path} ${how}; ${way}`)
}
