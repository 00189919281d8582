import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'
import { asInterrupted } from '../usage-facts.ts'
import type { UsageRecord } from '../usage-record.ts'
import type { Connection } from './connection.ts'
import type { StoreContext } from './context.ts'

/** Requests of this process that have no record yet, kept where the others can see them if it dies. */
export interface RunningRequests {
  note(requestId: string, record: () => UsageRecord | undefined): void
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
/** A process that was silent for so long is dead. */
const SILENT_MS = 60_000
/** Beyond this the oldest are not noted: this is a help after a crash, not a promise. */
const MAX_NOTED = 10_000

export function createRunningRequests({ fast, now }: StoreContext): RunningRequests {
  const node = { id: randomUUID(), host: hostname(), pid: process.pid, startedAt: Math.round(performance.timeOrigin) }
  const statements = prepareStatements(fast)
  const waiting = new Map<string, () => UsageRecord | undefined>()
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
    fast.transaction(() => {
      statements.sign.run({ ...node, at: now() })
      for (const [requestId, recordOf] of waiting) {
        const record = recordOf()
        if (record !== undefined) statements.note.run({ requestId, node: node.id, record: JSON.stringify(record) })
      }
    })
    lastSignMs = performance.now()
    for (const requestId of waiting.keys()) written.add(requestId)
    waiting.clear()
  }

  return {
    note: (requestId, record) => {
      if (waiting.size >= MAX_NOTED) return
      waiting.set(requestId, record)
      schedule()
    },
    forget: (requestId) => {
      waiting.delete(requestId)
      if (written.delete(requestId)) ended.add(requestId)
    },
    removeNote: (requestId) => {
      if (ended.delete(requestId)) statements.removeNote.run({ requestId })
    },
    flush,
    recordInterrupted: (insert) =>
      fast.transaction(() => {
        const dead = statements.nodes.all().filter((row) => isDead(row, { ...node, now: now() }))
        return dead.reduce((count, row) => count + recordDead(statements, readText(row, 'id'), insert), 0)
      }),
    stop: () => {
      clearTimeout(timer)
      // Nobody else can know it: a process that never noted anything has no row.
      if (lastSignMs !== -Infinity) statements.removeNode.run({ node: node.id })
    },
  }
}

interface Observer {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly startedAt: number
  readonly now: number
}

/** A process of this machine can be looked up; one of another machine is dead when it was silent for long. */
function isDead(row: Row, self: Observer): boolean {
  if (readNumber(row, 'seen_at') < self.now - SILENT_MS) return true
  if (readText(row, 'host') !== self.host) return false
  const pid = readNumber(row, 'pid')
  // The number of a dead process is given again, in a container always to the same program.
  if (pid === self.pid) return readNumber(row, 'process_started_at') !== self.startedAt
  return !isAlive(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' // it lives, and belongs to somebody else
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
  statements.removeNode.run({ node })
  return count
}

function prepareStatements(fast: Connection) {
  const sign = fast.prepare(`
    INSERT INTO nodes (id, host, pid, process_started_at, seen_at) VALUES (:id, :host, :pid, :startedAt, :at)
    ON CONFLICT (id) DO UPDATE SET seen_at = :at`)
  const note = fast.prepare(`
    INSERT INTO running_requests (request_id, node, record) VALUES (:requestId, :node, :record)
    ON CONFLICT (request_id) DO NOTHING`)
  return {
    sign,
    note,
    nodes: fast.prepare('SELECT * FROM nodes'),
    ofNode: fast.prepare('SELECT record FROM running_requests WHERE node = :node'),
    removeNote: fast.prepare('DELETE FROM running_requests WHERE request_id = :requestId'),
    removeNotes: fast.prepare('DELETE FROM running_requests WHERE node = :node'),
    removeNode: fast.prepare('DELETE FROM nodes WHERE id = :node'),
  }
}
