import type { Row } from '../rows/row.ts'
import type { UsageFilter } from '../usage-record.ts'
import type { RedisContext } from './context.ts'
import { usageMatcher } from './matches-usage.ts'
import type { UsageKeys } from './redis-keys.ts'
import { toNumber, toRow, toTexts } from './reply.ts'
import { READ_USAGE } from './scripts/usage.ts'

/** A place in the list of records: older ones come after it. */
export interface UsagePlace {
  readonly at: number
  readonly number: number
}

/** A record with its place. */
export interface PlacedRow {
  readonly row: Row
  readonly place: UsagePlace
  /** As it is in the sorted sets of its day. */
  readonly member: string
}

/** Length of a day in UTC, by which records are filed. */
const DAY_MS = 86_400_000
/** Records that are read in one go. */
const CHUNK = 500

/**
 * Reads the records that a filter means, newest first, in chunks: a long list neither fills the memory nor holds up Redis.
 *
 * @param after - start behind this place
 */
export async function* readUsage(
  context: RedisContext,
  filter: UsageFilter,
  after?: UsagePlace,
): AsyncGenerator<PlacedRow, void, undefined> {
  const matches = usageMatcher(filter)
  const newest = Math.min((filter.before ?? Infinity) - 1, after?.at ?? Infinity)
  for (const day of await daysBetween(context, filter.from ?? 0, newest)) {
    for await (const placed of readDay(context, { day, filter, newest, after })) {
      if (matches(placed.row)) yield placed
    }
  }
}

/** The days that have records, newest first. */
export async function daysBetween(
  { link, keys }: RedisContext,
  from: number,
  until: number,
): Promise<readonly number[]> {
  const latest = Number.isFinite(until) ? String(dayOf(until)) : '+inf'
  const [days] = await link.send(['ZRANGE', keys.usageDays, latest, String(dayOf(from)), 'BYSCORE', 'REV'])
  return toTexts(days).map(toNumber)
}

/** The day that a time belongs to. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS)
}

interface DayReading {
  readonly day: number
  readonly filter: UsageFilter
  /** Arrived at the latest; may be infinite. */
  readonly newest: number
  readonly after: UsagePlace | undefined
}

async function* readDay(context: RedisContext, reading: DayReading): AsyncGenerator<PlacedRow, void, undefined> {
  const { day, filter } = reading
  const places = context.keys.usageOf(day)
  const keys = [places.records, listFor(places, filter)] as const
  const oldest = Math.max(filter.from ?? 0, 0)
  let last = reading.after
  let newest = Number.isFinite(reading.newest) ? String(reading.newest) : '+inf'
  let size = CHUNK
  for (;;) {
    const rows = await readPage(context, keys, { newest, oldest, size })
    const fresh = rows.filter(({ place }) => last === undefined || isOlder(place, last))
    yield* fresh
    if (rows.length < size) return
    const end = fresh.at(-1)?.place
    // So many records of one millisecond that none of the chunk was new: a larger chunk gets past them.
    if (end === undefined) size *= 2
    else {
      last = end
      newest = String(end.at)
    }
  }
}

/** Which records of a list. */
export interface PageBounds {
  /** Arrived before or at, as the server wants it. */
  readonly newest: string
  /** Arrived at or after, milliseconds since the epoch. */
  readonly oldest: number
  readonly size: number
}

/** Reads one chunk of a day. @param keys - the hash of its records, and a list of them */
export async function readPage(
  { link }: RedisContext,
  keys: readonly [records: string, list: string],
  { newest, oldest, size }: PageBounds,
): Promise<readonly PlacedRow[]> {
  return toPlacedRows(await link.run(READ_USAGE, { keys, args: [newest, oldest, size] }))
}

function listFor(places: UsageKeys, { keyId, accountId }: UsageFilter): string {
  if (keyId !== undefined) return places.ofRelayKey(keyId)
  return accountId === undefined ? places.all : places.ofAccount(accountId)
}

function toPlacedRows(answer: unknown): readonly PlacedRow[] {
  const flat = toTexts(answer)
  return Array.from({ length: flat.length / 3 }, (_, index) => index * 3).flatMap((start) => {
    const [at, member = '', text] = flat.slice(start, start + 3)
    return text === undefined
      ? []
      : [{ row: toRow(text), member, place: { at: toNumber(at), number: Number.parseInt(member, 10) } }]
  })
}

function isOlder(place: UsagePlace, than: UsagePlace): boolean {
  return place.at < than.at || (place.at === than.at && place.number < than.number)
}
