import { checkText } from '../check-field.ts'
import type { Rejection, RejectionCount, RejectionFilter } from '../rejection.ts'
import type { RejectionRoom } from '../store/rejection-room.ts'
import type { RedisContext } from './context.ts'
import type { RedisCommand } from './link.ts'
import { toNumber, toPairs, toTexts } from './reply.ts'

/** Counts of rejections in Redis, and what closes them. */
export interface RedisRejections {
  readonly room: RejectionRoom
  /** Writes what waits and stops the timer. */
  stop(): Promise<void>
}

interface Waiting extends Rejection {
  readonly hour: number
  count: number
}

const HOUR_MS = 3_600_000
const BATCH_MS = 500
/** A client that hammers is one entry; this many different ones within a batch are too many to be honest. */
const MAX_WAITING = 10_000
/** Hours that are read in one go. */
const CHUNK = 100

/** Makes the room of rejections: a refused request must cost less than a served one, so that they are counted in memory and written behind. */
export function createRejections(context: RedisContext): RedisRejections {
  const { now } = context
  let waiting = new Map<string, Waiting>()
  let timer: NodeJS.Timeout | undefined

  function recordRejection({ keyId, reason }: Rejection): void {
    const word = checkText('reason', reason, { min: 1, max: 50 })
    const hour = Math.floor(now() / HOUR_MS) * HOUR_MS
    add({ keyId, reason: word, hour, count: 1 })
    timer ??= setTimeout(() => {
      timer = undefined
      // Nobody waits for it; counts that cannot be written are written with the next ones.
      void flush().catch(() => undefined)
    }, BATCH_MS).unref()
  }

  function add(entry: Waiting): void {
    const name = `${entry.keyId} ${entry.hour} ${entry.reason}`
    const known = waiting.get(name)
    if (known !== undefined) known.count += entry.count
    else if (waiting.size < MAX_WAITING) waiting.set(name, entry)
  }

  async function flush(): Promise<void> {
    if (waiting.size === 0) return
    const batch = [...waiting.values()]
    waiting = new Map()
    try {
      await write(context, batch)
    } catch (error) {
      for (const entry of batch) add(entry)
      throw error
    }
  }

  async function countRejections(filter: RejectionFilter = {}): Promise<readonly RejectionCount[]> {
    await flush()
    return read(context, filter)
  }

  async function stop(): Promise<void> {
    clearTimeout(timer)
    await flush()
  }

  return { room: { recordRejection, countRejections }, stop }
}

async function write({ link, keys }: RedisContext, batch: readonly Waiting[]): Promise<void> {
  const hours = new Set(batch.map(({ hour }) => hour))
  await link.send(
    ...batch.map(({ keyId, reason, hour, count }): RedisCommand => {
      return ['HINCRBY', keys.rejectionsOf(hour), `${reason} ${keyId}`, count]
    }),
    ...[...hours].map((hour): RedisCommand => ['ZADD', keys.rejectionHours, hour, hour]),
  )
}

async function read(
  { link, keys }: RedisContext,
  { keyId, from = 0, before = Infinity }: RejectionFilter,
): Promise<readonly RejectionCount[]> {
  const last = Number.isFinite(before) ? `(${before}` : '+inf'
  const [found] = await link.send(['ZRANGEBYSCORE', keys.rejectionHours, from, last])
  const hours = toTexts(found).map(toNumber)
  const counts = new Map<string, number>()
  for (let index = 0; index < hours.length; index += CHUNK) {
    const commands = hours.slice(index, index + CHUNK).map((hour): RedisCommand => ['HGETALL', keys.rejectionsOf(hour)])
    for (const [name, count] of (await link.send(...commands)).flatMap(toPairs)) {
      const space = name.lastIndexOf(' ')
      const reason = name.slice(0, space)
      if (keyId !== undefined && name.slice(space + 1) !== keyId) continue
      counts.set(reason, (counts.get(reason) ?? 0) + Number(count))
    }
  }
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .toSorted((left, right) => (left.reason < right.reason ? -1 : 1))
}
