import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

import { isRunning } from '../is-running.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'
import type { Connection } from './connection.ts'

/** This process among those that share the file: whoever holds something there is in its list, so that others see when it dies. */
export interface OwnProcess {
  readonly id: string
  /** Notes that it lives; inside a transaction of the caller. */
  sign(): void
  /** The same, where nothing is noted yet: with each thing that it takes. */
  join(): void
  /** Those that died and took no leave. */
  findDead(): readonly string[]
  /** Takes what a process held and its place in the list away; inside a transaction of the caller. */
  bury(id: string): void
  leave(): void
}

/** A process that was silent for so long is dead. */
const SILENT_MS = 60_000

/** @param now - milliseconds since the epoch */
export function createOwnProcess(fast: Connection, now: () => number): OwnProcess {
  const self = { id: randomUUID(), host: hostname(), pid: process.pid, startedAt: Math.round(performance.timeOrigin) }
  const insert = `INSERT INTO nodes (id, host, pid, process_started_at, seen_at) VALUES (:id, :host, :pid, :startedAt, :at)`
  const sign = fast.prepare(`${insert} ON CONFLICT (id) DO UPDATE SET seen_at = :at`)
  const join = fast.prepare(`${insert} ON CONFLICT (id) DO NOTHING`)
  const list = fast.prepare('SELECT * FROM nodes')
  const remove = fast.prepare('DELETE FROM nodes WHERE id = :id')
  const traces = [
    fast.prepare('DELETE FROM admission_slots WHERE process = :id'),
    fast.prepare('DELETE FROM leases WHERE owner = :id'),
    remove,
  ]
  let isListed = false

  function note(statement: typeof sign): void {
    statement.run({ ...self, at: now() })
    isListed = true
  }

  return {
    id: self.id,
    sign: () => note(sign),
    join: () => note(join),
    findDead: () =>
      list
        .all()
        .filter((row) => isDead(row, self, now()))
        .map((row) => readText(row, 'id')),
    bury: (id) => {
      for (const statement of traces) statement.run({ id })
    },
    leave: () => {
      // Most processes are commands that held nothing.
      if (isListed) remove.run({ id: self.id })
    },
  }
}

interface Self {
  readonly host: string
  readonly pid: number
  readonly startedAt: number
}

/** A process of this machine can be looked up; one of another machine is dead when it was silent for long. */
function isDead(row: Row, self: Self, nowMs: number): boolean {
  if (readNumber(row, 'seen_at') < nowMs - SILENT_MS) return true
  if (readText(row, 'host') !== self.host) return false
  const pid = readNumber(row, 'pid')
  // The number of a dead process is given again, in a container always to the same program.
  if (pid === self.pid) return readNumber(row, 'process_started_at') !== self.startedAt
  return !isRunning(pid)
}
