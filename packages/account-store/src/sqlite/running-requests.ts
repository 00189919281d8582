import { readText } from '../rows/row.ts'
import { asInterrupted } from '../usage-facts.ts'
import type { UsageRecord } from '../usage-record.ts'
import { type RecordMaker, WaitingNotes } from '../waiting-notes.ts'
import type { Connection } from './connection.ts'
import type { StoreContext } from './context.ts'

/** Requests of this process that have no record yet, kept where the others can see them if it dies. */
export interface RunningRequests {
  note(requestId: string, record: RecordMaker): void
  /** The record is on its way. */
  forget(requestId: string): void
  /** The record is written: takes back what was noted, in the transaction of the caller. */
  removeNote(requestId: string): void
  /** Writes the notes that are due; a sign of life, too. */
  flush(): void
  /** @param insert - writes a record */
  recordInterrupted(insert: (record: UsageRecord) => number): number
  stop(): void
}

/** A request that is over by then costs no write. */
const NOTE_AFTER_MS = 1000
const SIGN_OF_LIFE_MS = 15_000

export function createRunningRequests({ fast, self }: StoreContext): RunningRequests {
  const statements = prepareStatements(fast)
  const waiting = new WaitingNotes()
  const written = new Set<string>()
  /** Noted, and their records are on their way. */
  const ended = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let lastSignMs = -Infinity

  function schedule(): void {
    if (timer !== undefined || waiting.size + written.size === 0) return
    timer = setTimeout(() => {
      timer = undefined
      tryFlush()
      schedule()
    }, NOTE_AFTER_MS)
    timer.unref()
  }

  function tryFlush(): void {
    try {
      flush()
    } catch {
      // The store is away: the notes wait, and what they are for is lost only if this process dies as well.
    }
  }

  function flush(): void {
    const isSignDue = performance.now() - lastSignMs > SIGN_OF_LIFE_MS
    if (waiting.size === 0 && !(isSignDue && written.size > 0)) return
    const records = waiting.records()
    fast.transaction(() => {
      self.sign()
      for (const [requestId, record] of records) {
        if (record !== undefined) statements.note.run({ requestId, node: self.id, record: JSON.stringify(record) })
      }
    })
    lastSignMs = performance.now()
    for (const requestId of records.keys()) if (waiting.remove(requestId)) written.add(requestId)
  }

  return {
    note: (requestId, record) => {
      waiting.add(requestId, record)
      schedule()
    },
    forget: (requestId) => {
      waiting.remove(requestId)
      if (written.delete(requestId)) ended.add(requestId)
    },
    removeNote: (requestId) => {
      if (ended.delete(requestId)) statements.removeNote.run({ requestId })
    },
    flush,
    recordInterrupted: (insert) =>
      fast.transaction(() =>
        self.findDead().reduce((count, node) => {
          const recorded = recordDead(statements, node, insert)
          self.bury(node)
          return count + recorded
        }, 0),
      ),
    stop: () => {
      clearTimeout(timer)
      self.leave()
    },
  }
}

type Statements = ReturnType<typeof prepareStatements>

function recordDead(statements: Statements, node: string, insert: (record: UsageRecord) => number): number {
  let count = 0
  for (const row of statements.ofNode.all({ node })) {
    // Written by this package from this very type.
    const record = JSON.parse(readText(row, 'record')) as UsageRecord
    count += insert(asInterrupted(record))
  }
  statements.removeNotes.run({ node })
  return count
}

function prepareStatements(fast: Connection) {
  const note = fast.prepare(`
    INSERT INTO running_requests (request_id, node, record) VALUES (:requestId, :node, :record)
    ON CONFLICT (request_id) DO NOTHING`)
  return {
    note,
    ofNode: fast.prepare('SELECT record FROM running_requests WHERE node = :node'),
    removeNote: fast.prepare('DELETE FROM running_requests WHERE request_id = :requestId'),
    removeNotes: fast.prepare('DELETE FROM running_requests WHERE node = :node'),
  }
}
