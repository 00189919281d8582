import type { SQLInputValue, StatementResultingChanges, StatementSync } from 'node:sqlite'
import { DatabaseSync } from 'node:sqlite'

import type { Row } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { StoreErrorCode } from '../store-error.ts'

/** What a statement is given for one parameter; `undefined` becomes NULL. */
export type Value = SQLInputValue | boolean | undefined

/** What a statement is given, by the names it uses. */
export type Parameters = Readonly<Record<string, Value>>

/** A prepared statement; trouble is thrown as StoreError. */
export interface Statement {
  get(parameters?: Parameters): Row | undefined
  all(parameters?: Parameters): readonly Row[]
  /** @returns the number of rows changed */
  run(parameters?: Parameters): number
  /** The same with a value for each `?`: a statement of many columns finds its values faster than by their names. */
  runValues(values: readonly Value[]): number
}

/** One connection to the database file; everything on it is synchronous, so that transactions of one process cannot mix. */
export interface Connection {
  prepare(sql: string): Statement
  execute(sql: string): void
  /** Runs the work under the write lock: all of it or, when it throws, nothing. */
  transaction<Result>(work: () => Result): Result
  close(): void
}

/** How a connection is opened. */
export interface ConnectionOptions {
  readonly path: string
  readonly isReadOnly?: boolean
  /** `FULL` waits for the disk at every commit, `NORMAL` may lose the last commits in a power cut, but nothing more. */
  readonly synchronous?: 'FULL' | 'NORMAL'
}

/** How long a process waits for another one's write lock; where requests wait as well, at most the second of these. */
const BUSY_TIMEOUT_MS = { FULL: 5000, NORMAL: 1000 }
/** Holds what a full batch of usage records changes, in KiB: with less, pages are written and read again within it. */
const CACHE_KIB = 16_000

/** Pages of the log at which a commit carries it into the database by itself: before that a checkpointer has done it. */
const LONGEST_LOG_PAGES = 4000

/** SQLite says neither which file it could not open nor what to do about it; on a read-only disk it is one beside the database. */
const CANNOT_OPEN =
  'the database or a file beside it cannot be opened; check that its folder is there and can be written'

/** SQLite's result codes of which the operator can do something about. Source: sqlite.org/rescode.html. */
const CODES: ReadonlyMap<number, { readonly code: StoreErrorCode; readonly message: string }> = new Map([
  [5, { code: 'store-busy', message: 'another process holds the write lock; try again' }],
  [8, { code: 'store-read-only', message: 'the database cannot be written to; check the permissions of its folder' }],
  [11, { code: 'store-damaged', message: 'the database is damaged; restore a backup' }],
  [13, { code: 'store-full', message: 'no room is left on the disk; make room, nothing else has to be done' }],
  [14, { code: 'store-unavailable', message: CANNOT_OPEN }],
  [26, { code: 'not-a-store', message: 'the file is not a database' }],
])

/** The same for the files themselves, by Node's error codes. */
const FILE_CODES: ReadonlyMap<unknown, StoreErrorCode> = new Map<unknown, StoreErrorCode>([
  ['EACCES', 'store-read-only'],
  ['EPERM', 'store-read-only'],
  ['EROFS', 'store-read-only'],
  ['ENOSPC', 'store-full'],
])

/**
 * Opens a connection. Nothing is written by opening.
 *
 * @throws StoreError
 */
export function openConnection(options: ConnectionOptions): Connection {
  const database = openFile(options)
  if (options.synchronous !== undefined) guarded(() => database.exec(`PRAGMA synchronous = ${options.synchronous}`))
  guarded(() => database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${LONGEST_LOG_PAGES}`))
  const begin = createBegin(database, BUSY_TIMEOUT_MS[options.synchronous ?? 'FULL'])
  const commit = guarded(() => database.prepare('COMMIT'))

  function transaction<Result>(work: () => Result): Result {
    begin()
    try {
      const result = work()
      guarded(() => commit.run())
      return result
    } catch (error) {
      // SQLite itself may have rolled back already, for instance on a full disk.
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  return {
    prepare: (sql) => wrapStatement(guarded(() => database.prepare(sql))),
    execute: (sql) => guarded(() => database.exec(sql)),
    transaction,
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}

/**
 * Waiting for a lock stops the whole process, so that it is done once: as long as the lock is not free, whoever comes next is
 * told so at once.
 */
function createBegin(database: DatabaseSync, timeoutMs: number): () => void {
  const begin = guarded(() => database.prepare('BEGIN IMMEDIATE'))
  let isPatient: boolean | undefined

  function setPatience(next: boolean): void {
    if (isPatient !== next) database.exec(`PRAGMA busy_timeout = ${next ? timeoutMs : 0}`)
    isPatient = next
  }

  return () =>
    guarded(() => {
      if (isPatient === undefined) setPatience(true)
      try {
        begin.run()
      } catch (error) {
        setPatience(false)
        throw error
      }
      setPatience(true)
    })
}

function openFile({ path, isReadOnly = false }: ConnectionOptions): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly: isReadOnly, timeout: BUSY_TIMEOUT_MS.FULL })
  } catch (error) {
    const trouble = toStoreError(error)
    if (!StoreError.is(trouble) || trouble.code !== 'store-unavailable') throw trouble
    throw new StoreError(trouble.code, `${path}: ${trouble.message}`, { cause: error })
  }
}

/** Turns any error of SQLite or of the file system into a StoreError; others pass unchanged. */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || StoreError.is(error)) return error
  if ('syscall' in error) {
    const code = FILE_CODES.get(error.code) ?? 'store-unavailable'
    return new StoreError(code, `the data set cannot be reached: ${error.message}`, { cause: error })
  }
  if (error.code === 'ERR_INVALID_STATE') return new StoreError('store-closed', 'the store is closed', { cause: error })
  if (error.code !== 'ERR_SQLITE_ERROR') return error
  return fromSqlite(error)
}

function fromSqlite(error: Error): StoreError {
  // Extended result codes keep the plain one in their low byte.
  const resultCode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0
  const known = CODES.get(resultCode)
  return known === undefined
    ? new StoreError('store-unavailable', `the database failed: ${error.message}`, { cause: error })
    : new StoreError(known.code, known.message, { cause: error })
}

function guarded<Result>(action: () => Result): Result {
  try {
    return action()
  } catch (error) {
    throw toStoreError(error)
  }
}

function wrapStatement(statement: StatementSync): Statement {
  return {
    get: (parameters = {}) => guarded(() => statement.get(bindable(parameters))),
    all: (parameters = {}) => guarded(() => statement.all(bindable(parameters))),
    run: (parameters = {}) => guarded(() => changesOf(statement.run(bindable(parameters)))),
    runValues: (values) => guarded(() => changesOf(statement.run(...values.map(toInput)))),
  }
}

function bindable(parameters: Parameters): Record<string, SQLInputValue> {
  const bound: Record<string, SQLInputValue> = {}
  for (const [name, value] of Object.entries(parameters)) {
    bound[name] = toInput(value)
  }
  return bound
}

function toInput(value: Value): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : (value ?? null)
}

function changesOf(result: StatementResultingChanges): number {
  return Number(result.changes)
}
