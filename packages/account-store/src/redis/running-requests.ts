import { randomUUID } from 'node:crypto'

import { asInterrupted } from '../usage-facts.ts'
import type { UsageRecord } from '../usage-record.ts'
import { type RecordMaker, WaitingNotes } from '../waiting-notes.ts'
import type { RedisContext } from './context.ts'
import type { RedisCommand } from './link.ts'
import { parseJson, toPairs, toTexts } from './reply.ts'
import { GIVE_SIGN, STRIKE_SILENT } from './scripts/signs-of-life.ts'

/** Requests of this process that have no record yet, kept where the other nodes can see them if it dies. */
export interface RunningRequests {
  note(requestId: string, record: RecordMaker): void
  /** The record is on its way. */
  forget(requestId: string): void
  /** Writes the notes that are due; a sign of life, too. */
  flush(): Promise<void>
  /** @param insert - writes records and says how many were new */
  recordInterrupted(insert: (records: readonly UsageRecord[]) => Promise<number>): Promise<number>
  stop(): Promise<void>
}

/** A request that is over by then costs no write. */
const NOTE_AFTER_MS = 1000
const SIGN_OF_LIFE_MS = 15_000
/** A process that was silent for so long, by the server's clock, is dead. Nodes are on many machines: nothing else tells. */
const SILENT_MS = 60_000

interface Note {
  readonly node: string
  readonly record: UsageRecord
}

/** Notes of running requests in Redis; writing a record takes its note away. */
export function createRunningRequests({ link, keys, scriptClock }: RedisContext): RunningRequests {
  const node = randomUUID()
  const waiting = new WaitingNotes()
  const written = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let lastSignMs = -Infinity

  function schedule(): void {
    if (timer !== undefined || waiting.size + written.size === 0) return
    timer = setTimeout(() => {
      timer = undefined
      // While the store is away the notes wait, and what they are for is lost only if this process dies as well.
      void flush()
        .catch(() => undefined)
        .then(schedule)
    }, NOTE_AFTER_MS)
    timer.unref()
  }

  async function flush(): Promise<void> {
    const isSignDue = performance.now() - lastSignMs > SIGN_OF_LIFE_MS
    if (waiting.size === 0 && !(isSignDue && written.size > 0)) return
    const records = waiting.records()
    const notes = [...records].flatMap(([requestId, record]): readonly RedisCommand[] => {
      if (record === undefined) return []
      const note: Note = { node, record }
      return [['HSETNX', keys.running, requestId, JSON.stringify(note)]]
    })
    await link.run(GIVE_SIGN, { keys: [keys.nodes], args: [scriptClock(), node] })
    if (notes.length > 0) await link.send(...notes)
    lastSignMs = performance.now()
    for (const requestId of records.keys()) {
      // One that was forgotten meanwhile is over: its record took the note away, or will.
      if (waiting.remove(requestId)) written.add(requestId)
    }
  }

  async function recordInterrupted(insert: (records: readonly UsageRecord[]) => Promise<number>): Promise<number> {
    const [notes] = await link.send(['HGETALL', keys.running]) // read first: who notes something has given a sign before
    const others = await link.run(STRIKE_SILENT, { keys: [keys.nodes], args: [scriptClock(), SILENT_MS] })
    const living = new Set([node, ...toTexts(others)])
    // Written by `flush` from this very type.
    const all = toPairs(notes).map(([, text]) => parseJson(text) as Note)
    const dead = all.filter((note) => !living.has(note.node))
    return dead.length === 0 ? 0 : insert(dead.map(({ record }) => asInterrupted(record)))
  }

  async function stop(): Promise<void> {
    clearTimeout(timer)
    // Nobody else can know it: a process that never noted anything is not listed.
    if (lastSignMs !== -Infinity) await link.send(['HDEL', keys.nodes, node])
  }

  return {
    note: (requestId, record) => {
      waiting.add(requestId, record)
      schedule()
    },
    forget: (requestId) => {
      waiting.remove(requestId)
      written.delete(requestId)
    },
    flush,
    recordInterrupted,
    stop,
  }
}
