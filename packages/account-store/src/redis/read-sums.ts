import { countsOf } from '../rows/usage-counts.ts'
import type { UsageFilter } from '../usage-record.ts'
import type { SumsLevel, SumsPart } from '../usage-spans.ts'
import type { RedisContext } from './context.ts'
import { usageMatcher } from './matches-usage.ts'
import { readUsage } from './read-usage.ts'
import { toNumber, toPairs, toTexts } from './reply.ts'
import type { SumRow } from './usage-sum-row.ts'
import { toSumRow } from './usage-sum-row.ts'

/** Spans that are read in one go. */
const CHUNK = 50

/** Reads what a filter means out of the parts of a span of time: kept sums, and single records at its edges. */
export async function* readSums(
  context: RedisContext,
  filter: UsageFilter,
  parts: readonly SumsPart[],
): AsyncGenerator<SumRow, void, undefined> {
  for (const part of parts) {
    if (part.level === 'records') yield* readRecords(context, filter, part)
    else yield* readKept(context, filter, { ...part, level: part.level })
  }
}

async function* readRecords(
  context: RedisContext,
  filter: UsageFilter,
  { from, before }: SumsPart,
): AsyncGenerator<SumRow, void, undefined> {
  const bounds = {
    from: Number.isFinite(from) ? from : undefined,
    before: Number.isFinite(before) ? before : undefined,
  }
  for await (const { row, place } of readUsage(context, { ...filter, ...bounds })) {
    yield { at: place.at, columns: row, counts: countsOf(row) }
  }
}

async function* readKept(
  { link, keys }: RedisContext,
  filter: UsageFilter,
  part: SumsPart & { readonly level: Exclude<SumsLevel, 'records'> },
): AsyncGenerator<SumRow, void, undefined> {
  const { starts, at } = keys.sumsOf(part.level)
  const first = Number.isFinite(part.from) ? String(part.from) : '-inf'
  const last = Number.isFinite(part.before) ? `(${part.before}` : '+inf'
  const [found] = await link.send(['ZRANGEBYSCORE', starts, first, last])
  const spans = toTexts(found).map(toNumber)
  // The part says which time is meant; of a span only its start is known.
  const matches = usageMatcher({ ...filter, from: undefined, before: undefined })
  for (let index = 0; index < spans.length; index += CHUNK) {
    const chunk = spans.slice(index, index + CHUNK)
    const hashes = await link.send(...chunk.map((startsAt) => ['HGETALL', at(startsAt)] as const))
    for (const [offset, hash] of hashes.entries()) {
      const rows = toPairs(hash).map(([group, text]) => toSumRow(chunk[offset] ?? 0, group, text))
      yield* rows.filter(({ columns }) => matches(columns))
    }
  }
}
