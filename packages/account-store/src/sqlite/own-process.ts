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

/** A process that was silent for so long, at two looks one after the other, is dead: at one, the clock may have been set forward. */
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
  /** When those were seen that had been silent for long at the last look. */
  let silent = new Map<string, number>()

  function findDead(): readonly string[] {
    const before = silent
    const since = now() - SILENT_MS
    const others = list.all().flatMap((row) => (readText(row, 'id') === self.id ? [] : [readSign(row)]))
    silent = new Map(others.filter(({ seenAt }) => seenAt < since).map(({ id, seenAt }) => [id, seenAt]))
    const isSilent = ({ id, seenAt }: Sign): boolean => silent.has(id) && before.get(id) === seenAt
    return others.filter((sign) => isGone(sign, self) || isSilent(sign)).map(({ id }) => id)
  }

  function note(statement: typeof sign): void {
    statement.run({ ...self, at: now() })
    isListed = true
  }

  return {
    id: self.id,
    sign: () => note(sign),
    join: () => note(join),
    findDead,
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

/** What a process has noted of itself. */
interface Sign extends Self {
  readonly id: string
  readonly seenAt: number
}

function readSign(row: Row): Sign {
  return {
    id: readText(row, 'id'),
    host: readText(row, 'host'),
    pid: readNumber(row, 'pid'),
    startedAt: readNumber(row, 'process_started_at'),
    seenAt: readNumber(row, 'seen_at'),
  }
}

/** A process of this machine can be looked up, as long as its number is not given to another one. */
function isGone({ host, pid, startedAt }: Sign, self: Self): boolean {
  if (host !== self.host) return false
  // The number of a dead process is given again, in a container always to the same program.
  return pid === self.pid ? startedAt !== self.startedAt : !isRunning(pid)
}
