import { stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'

/**
 * Carries what was committed from the write-ahead log into the database file, in a thread. SQLite would do it within a commit
 * and wait for the disk twice: all streams of the process would stand still for 20 ms on a fast disk, a second on a slow one.
 *
 * A log that never grows long is carried over when the store is closed: the thread (19 MB) is started when the log has become
 * long and is being written, and ends when nothing was written for a minute. Several processes may do the same for one file.
 */
export interface Checkpointer {
  /** Whether the thread runs. */
  isAtWork(): boolean
  /** To be awaited before the last connection is closed. */
  stop(): Promise<void>
}

/** How often is looked whether a thread is needed. */
export interface CheckpointerOptions {
  readonly lookMs?: number
}

/** A log of this length has been in use; SQLite's usual mark for carrying it over. */
const LONG_LOG_BYTES = 1000 * 4096
const LOOK_MS = 5000

/** Program text, and not a file: whoever bundles this package has one file the less to take along. */
const THREAD = `
const { DatabaseSync } = require('node:sqlite')
const { workerData: path } = require('node:worker_threads')
const WORTH_PAGES = 500
const MOST_IN_A_ROW = 3
const LOOK_MS = 500
const IDLE_LOOKS = 120

const database = new DatabaseSync(path)
database.exec('PRAGMA synchronous = NORMAL')
const look = database.prepare('PRAGMA wal_checkpoint(NOOP)') // an SQLite before 3.51 carries over here
const carry = database.prepare('PRAGMA wal_checkpoint(PASSIVE)') // in nobody's way: neither a reader's nor a writer's
const waiting = ({ log, checkpointed }) => log - checkpointed
let seen
let idle = 0

const timer = setInterval(() => {
  try {
    const now = look.get()
    idle = now.log === seen ? idle + 1 : 0
    seen = now.log
    // What is committed meanwhile is carried, too: only when nothing is left does the log begin anew.
    for (let turn = 0, left = waiting(now); left > (turn === 0 ? WORTH_PAGES : 0) && turn < MOST_IN_A_ROW; turn += 1)
      left = waiting(carry.get())
  } catch {
    // A full disk, say: the commits tell of it.
  }
  if (idle < IDLE_LOOKS) return
  clearInterval(timer)
  database.close()
}, LOOK_MS)
`

/** Looks after the log of a database file. */
export function createCheckpointer(path: string, { lookMs = LOOK_MS }: CheckpointerOptions = {}): Checkpointer {
  let thread: Worker | undefined
  let isStopped = false

  function start(): void {
    // It needs neither the environment with its secrets nor what is loaded into the program beside it.
    const worker = new Worker(THREAD, { eval: true, name: 'checkpointer', workerData: path, env: {}, execArgv: [] })
    worker.unref()
    worker.once('error', () => undefined) // then the commits carry the log over, each time it has become longer
    worker.once('exit', () => void (thread = undefined))
    thread = worker
  }

  async function look(): Promise<void> {
    const log = await stat(`${path}-wal`).catch(() => undefined)
    if (log === undefined || thread !== undefined || isStopped) return
    if (log.size >= LONG_LOG_BYTES && Date.now() - log.mtimeMs < 2 * lookMs) start()
  }

  const timer = setInterval(() => void look(), lookMs)
  timer.unref()
  return {
    isAtWork: () => thread !== undefined,
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      await thread?.terminate()
    },
  }
}
