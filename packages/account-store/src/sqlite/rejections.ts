import { checkText } from '../check-field.ts'
import type { Rejection, RejectionCount, RejectionFilter } from '../rejection.ts'
import { readNumber, readText } from '../rows/row.ts'
import type { RejectionRoom } from '../store/rejection-room.ts'
import type { StoreContext } from './context.ts'

/** Counts of rejections in the embedded store, and what closes them. */
export interface SqliteRejections {
  readonly room: RejectionRoom
  /** Writes what waits and stops the timer. */
  stop(): void
}

interface Waiting extends Rejection {
  readonly hour: number
  count: number
}

const HOUR_MS = 3_600_000
const BATCH_MS = 500
/** A client that hammers is one entry; this many different ones within a batch are too many to be honest. */
const MAX_WAITING = 10_000

/** Makes the room of rejections: a refused request must cost less than a served one, so that they are counted in memory and written behind. */
export function createRejections({ fast, now }: StoreContext): SqliteRejections {
  const add = fast.prepare(`
    INSERT INTO rejections (key_id, hour, reason, count) VALUES (:keyId, :hour, :reason, :count)
    ON CONFLICT DO UPDATE SET count = count + :count`)
  const sum = fast.prepare(`
    SELECT reason, sum(count) AS count FROM rejections
    WHERE (:keyId IS NULL OR key_id = :keyId) AND hour >= :from AND hour < :before
    GROUP BY reason ORDER BY reason`)
  let waiting = new Map<string, Waiting>()
  let timer: NodeJS.Timeout | undefined

  function recordRejection({ keyId, reason }: Rejection): void {
    const word = checkText('reason', reason, { min: 1, max: 50 })
    const hour = Math.floor(now() / HOUR_MS) * HOUR_MS
    const name = `${keyId} ${hour} ${word}`
    const known = waiting.get(name)
    if (known !== undefined) known.count += 1
    else if (waiting.size < MAX_WAITING) waiting.set(name, { keyId, reason: word, hour, count: 1 })
    timer ??= setTimeout(writeBehind, BATCH_MS).unref()
  }

  function writeBehind(): void {
    timer = undefined
    try {
      flush()
    } catch {
      // Nobody waits for it; the counts stay and are written with the next ones.
    }
  }

  function flush(): void {
    if (waiting.size === 0) return
    const batch = waiting
    fast.transaction(() => {
      for (const { keyId, hour, reason, count } of batch.values()) add.run({ keyId, hour, reason, count })
    })
    waiting = new Map()
  }

  async function countRejections(filter: RejectionFilter = {}): Promise<readonly RejectionCount[]> {
    flush()
    const { keyId, from = 0, before = Number.MAX_SAFE_INTEGER } = filter
    return sum
      .all({ keyId, from, before })
      .map((row) => ({ reason: readText(row, 'reason'), count: readNumber(row, 'count') }))
  }

  function stop(): void {
    clearTimeout(timer)
    flush()
  }

  return { room: { recordRejection, countRejections }, stop }
}
